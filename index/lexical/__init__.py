"""The lexical index: tokens, BM25, and whether its files are whole."""
