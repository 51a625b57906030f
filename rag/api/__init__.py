"""The HTTP face: JSON in, JSON out, one door for errors. No retrieval happens here."""

from rag.api.app import create_app

__all__ = ["create_app"]
