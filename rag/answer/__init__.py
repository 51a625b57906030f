"""Answer: what is said. Evidence becomes quoted sentences with citations, or an honest no."""
