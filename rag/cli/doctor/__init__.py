"""rag doctor: examines a deployment and says what to do. It changes nothing."""

from rag.cli.doctor.doctor_command import doctor
from rag.cli.doctor.finding import CheckResult, State

__all__ = ["CheckResult", "State", "doctor"]
