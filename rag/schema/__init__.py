"""Schema: the shapes of the HTTP contract."""
