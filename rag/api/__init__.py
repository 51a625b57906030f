"""The HTTP face: JSON in, JSON out, one handler for errors. No retrieval happens here."""
