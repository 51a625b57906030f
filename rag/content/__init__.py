"""Content: what users bring. Documents, lexicon, similar questions, feedback."""
