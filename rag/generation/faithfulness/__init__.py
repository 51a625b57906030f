"""Faithfulness: may a generated sentence be said on the strength of the passages it cites?"""
