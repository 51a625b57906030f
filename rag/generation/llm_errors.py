"""What can go wrong with an LLM, and the word by which an answer says so."""

from typing import Literal

Degraded = Literal["generation_timeout", "generation_failed", "generation_unsupported", "generation_unavailable"]


class GenerationProblem(RuntimeError):
    """The LLM gives no usable text. The message is for the log and repeats nothing that was received.

    transient  whether asking once more may help
    """

    degraded: Degraded = "generation_failed"

    def __init__(self, message: str, *, transient: bool = False) -> None:
        super().__init__(message)
        self.transient = transient


class GenerationFailed(GenerationProblem):
    """An error status, a redirect, or an answer that is not what was asked for."""


class GenerationTimeout(GenerationProblem):
    """A deadline passed."""

    degraded = "generation_timeout"


class GenerationUnavailable(GenerationProblem):
    """Nobody answers at the address, too much is asked of it, or it failed too often to be asked now."""

    degraded = "generation_unavailable"
