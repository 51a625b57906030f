"""The round: every check in turn, none of which keeps the others from being made."""

from collections.abc import Callable, Iterator
from contextlib import closing

from index.errors import IndexProblem
from rag.cli.doctor import deployment_checks, index_checks
from rag.cli.doctor.finding import CheckResult
from rag.service import Service
from rag.settings import Settings, SettingsInvalid, load_settings

Check = Callable[[Settings], CheckResult]

PLACE: tuple[Check, ...] = (
    deployment_checks.check_packages,
    deployment_checks.check_home,
    deployment_checks.check_disk,
    deployment_checks.check_keys,
    deployment_checks.check_port,
    index_checks.check_encoder,
    index_checks.check_reranker,
    index_checks.check_files,
)
INDEX = (index_checks.check_indexes, index_checks.check_similar_questions, index_checks.check_answers)


def examine() -> list[CheckResult]:
    """Every finding, in the order in which things should be mended."""
    try:
        settings = load_settings()
    except SettingsInvalid as problem:
        return [CheckResult("settings", "bad", str(problem), "mend the settings, then call the doctor again")]
    return [CheckResult("settings", "ok", f"read; home {settings.home}"), *_findings(settings)]


def _findings(settings: Settings) -> Iterator[CheckResult]:
    for check in PLACE:
        yield _made(check, settings)
    if not index_checks.is_built(settings):
        remedy = "build it with: rag index build (or start the server, which does the same)"
        yield CheckResult("catalogue", "warn", "there is none yet", remedy)
        return
    try:
        opened = closing(Service.open(settings, writable=False))
    except (IndexProblem, OSError) as problem:
        said, _, remedy = str(problem).rpartition("; ")
        yield CheckResult("catalogue", "bad", said or str(problem), remedy if said else "see what it says")
        return
    with opened as service:
        yield index_checks.check_catalogue(service)
        for look in INDEX:
            yield _made(look, service)


def _made(check: Callable[..., CheckResult], subject: object) -> CheckResult:
    try:
        return check(subject)
    except Exception as error:  # a doctor does not fall ill with the patient
        name = check.__name__.removeprefix("check_")
        return CheckResult(name, "bad", f"the check itself failed ({type(error).__name__}: {error})", "report this")
