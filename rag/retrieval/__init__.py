"""Retrieval: where could the answer stand? A question becomes evidence, best first."""
