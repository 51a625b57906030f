"""python -m index.training --data FOLDER --out FOLDER: make the encoder from the collections in FOLDER."""

import argparse
import logging
from pathlib import Path

from corpus.bundled import bundled_documents
from index.training.recipe import Recipe, learn
from index.training.storing import write_model


def main() -> None:
    """Train and write the model."""
    parser = argparse.ArgumentParser(prog="python -m index.training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with pairs/*.jsonl.gz and text/*.txt.gz")
    parser.add_argument("--out", type=Path, required=True, help="folder that takes the model; its card is left alone")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    tokenizer, table = learn(arguments.data, list(bundled_documents()), Recipe())
    write_model(arguments.out, tokenizer, table)


if __name__ == "__main__":
    main()
