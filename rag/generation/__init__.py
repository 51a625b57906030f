"""Generation: an optional LLM words what the passages say; every sentence of it is checked, or dropped.

`wording.Generation` talks to any OpenAI-compatible address; it is imported only where one is configured.
"""
