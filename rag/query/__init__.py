"""Query: what is asked? A text and its history, read before anything is searched."""
