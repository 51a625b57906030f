"""Settings: read once from the environment (prefix RAG_) or a TOML file, then frozen."""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource


class SettingsInvalid(ValueError):
    """A setting that cannot be used; names it, without printing its value."""


def _default_home() -> Path:
    """The folder for data of this user: outside the source tree on every system."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "hangzhou-rag"


class Settings(BaseSettings):
    """One frozen set of values. The environment wins over the file named by RAG_SETTINGS."""

    model_config = SettingsConfigDict(env_prefix="RAG_", frozen=True, extra="forbid", env_ignore_empty=True)

    host: str = Field("127.0.0.1", description="Address that the server binds to.")
    port: int = Field(8000, ge=1, le=65535, description="Port that the server listens on.")
    home: Path = Field(default_factory=_default_home, description="Folder of the catalogue and everything derived from it.")
    encoder: str = Field("bundled", description="`bundled`, a folder, or the hub name of a sentence-transformers model.")
    corpus: Literal["bundled", "none"] = Field("bundled", description="What an empty home starts with.")
    threshold: float = Field(
        0.52, ge=0, le=1, description="Relevance from which a passage may answer; below it the answer is an honest no."
    )
    max_body_mb: int = Field(20, ge=1, le=1024, description="Largest request body, in MiB.")
    max_question: int = Field(1000, ge=10, le=10_000, description="Longest question, in code points.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severe message that is logged.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        sources: tuple[PydanticBaseSettingsSource, ...] = (init_settings, env_settings)
        file = os.environ.get("RAG_SETTINGS")
        return (*sources, TomlConfigSettingsSource(settings_cls, Path(file))) if file else sources


def load_settings() -> Settings:
    """Read the settings.

    raises  SettingsInvalid naming each bad setting and what it expects
    """
    file = os.environ.get("RAG_SETTINGS")
    if file and not Path(file).is_file():
        raise SettingsInvalid("RAG_SETTINGS names a file that does not exist")
    try:
        return Settings()
    except ValidationError as error:
        problems = [f"RAG_{'_'.join(str(part) for part in e['loc']).upper()}: {e['msg']}" for e in error.errors()]
        raise SettingsInvalid("; ".join(problems)) from None
    except ValueError as error:
        raise SettingsInvalid(f"the settings file cannot be read: {error}") from None
