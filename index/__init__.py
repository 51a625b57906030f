"""How it is found: passages in a durable catalogue, searched through a dense and a lexical index."""
