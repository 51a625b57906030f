"""rag doctor: examines a deployment and says what to do. It changes nothing."""

from rag.doctor.command import doctor
from rag.doctor.finding import Finding, State

__all__ = ["Finding", "State", "doctor"]
