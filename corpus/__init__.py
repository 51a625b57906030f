"""What is known: documents, read from bytes into clean text whose every passage and statement can be cited exactly."""
