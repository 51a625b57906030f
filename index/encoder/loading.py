"""Loading an encoder by its name: the bundled ones, a folder, or a model of the hub."""

import os
from pathlib import Path
from typing import Final

from index.encoder.late_interaction import LateInteractionEncoder
from index.encoder.text_encoder import (
    DECISIVE,
    Encoder,
    EncoderUnavailable,
    SentenceTransformerEncoder,
    StaticTable,
    bundled_table,
    is_static,
    said,
)

NEURAL: Final = "bundled"  # the transformer that ships with the service
STATIC: Final = "static"  # the table that ships with it, for very small machines


def load_encoder(name: str, threads: int = 1) -> Encoder:
    """Return the encoder of this name.

    name     "bundled", "static", a folder, or the hub name of a sentence-transformers model; a folder never downloads
             anything, a hub name does on its first use, unless HF_HUB_OFFLINE is set
    threads  processors that the bundled transformer may use for one text
    raises   EncoderUnavailable if there is no such model, it cannot be read, or the package that runs it is missing
    """
    if name == NEURAL:
        return LateInteractionEncoder.bundled(threads)
    if name == STATIC:
        return bundled_table()
    folder = Path(name).expanduser()
    if not folder.is_dir():
        if looks_like_path(name):
            raise EncoderUnavailable(name, f"there is no folder {folder}", "give the path of an existing model folder")
        folder = hub_folder(name)
    if is_static(folder):
        return StaticTable.read(name, folder)
    return SentenceTransformerEncoder(name, folder)


def hub_folder(name: str) -> Path:
    """Return the local copy of a hub model, downloading it on the first use unless HF_HUB_OFFLINE is set."""
    try:
        from huggingface_hub import snapshot_download

        return Path(snapshot_download(name, allow_patterns=list(DECISIVE), ignore_patterns=["onnx/*", "openvino/*"]))
    except Exception as error:  # network, cache, name and permission errors have no class in common
        remedy = (
            "put the model into a folder and name the folder, or load it once with a network and HF_HUB_OFFLINE unset"
        )
        raise EncoderUnavailable(
            name, f"it is no local folder and not in the local cache ({said(error)})", remedy
        ) from error


def looks_like_path(name: str) -> bool:
    """Hub names are `model` or `owner/model`; whatever else can only be meant as a path."""
    return name.startswith((".", "~", os.sep)) or name.count("/") > 1 or name.endswith("/")
