"""Encoders: the bundled model, and models from a local folder or a hub name."""
