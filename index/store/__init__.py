"""The store: the catalogue, the one source of truth, and what is kept beside each document."""
