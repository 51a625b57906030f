"""Feedback: what people thought of answers, kept for as long as was said, and made into questions."""
