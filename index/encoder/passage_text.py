"""What encoder and lexical search see of a passage beside its text."""

from corpus.passage import Passage


def heading_of(names: str, section: tuple[str, ...]) -> str:
    """What is searched of a passage's heading: the document's title and aliases, then the heading path."""
    return " ".join((names, *section))


def encoded_text(title: str, passage: Passage) -> str:
    """What the encoder sees of a passage: its title and heading path say what the text may leave out."""
    return "。".join((title, *passage.section, passage.text))
