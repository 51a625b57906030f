"""Settings: read once from the environment (prefix RAG_) or a TOML file, then frozen."""

import ipaddress
import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


class SettingsInvalid(ValueError):
    """A setting that cannot be used; names it, without printing its value."""


def _default_home() -> Path:
    """The folder for data of this user: outside the source tree on every system."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "hangzhou-rag"


class Settings(BaseSettings):
    """One frozen set of values. The environment wins over the file named by RAG_SETTINGS."""

    model_config = SettingsConfigDict(env_prefix="RAG_", frozen=True, extra="forbid", env_ignore_empty=True)

    host: str = Field(default="127.0.0.1", description="Address that the server binds to.")
    port: int = Field(
        default=8000, ge=0, le=65535, description="Port that the server listens on; 0 takes any free one."
    )
    allowed_hosts: str = Field(
        default="",
        pattern=r"^[0-9A-Za-z._\-\[\]:, ]*$",
        description="Host names, separated by commas, that a server on a loopback address answers to besides its own.",
    )
    home: Path = Field(
        default_factory=_default_home, description="Folder of the catalogue and everything derived from it."
    )
    encoder: str = Field(
        default="bundled", description="`bundled`, a folder, or the hub name of a sentence-transformers model."
    )
    corpus: Literal["bundled", "none"] = Field(default="bundled", description="What an empty home starts with.")
    originals: Literal["keep", "off"] = Field(
        default="keep",
        description="Whether the files that documents are read from are kept, to be fetched and read again.",
    )
    threshold: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Relevance from which a passage may answer; below it the answer is an honest no.",
    )
    reranker: str = Field(
        default="",
        description="A folder or the hub name of a CrossEncoder that orders the first passages; empty: none.",
    )
    reranker_deadline: int = Field(
        default=1000,
        ge=1,
        le=60_000,
        description="Milliseconds in which it must have read them; else their order stays.",
    )
    llm_address: str = Field(
        default="",
        description="Address of an OpenAI-compatible API, as in `http://127.0.0.1:11434/v1`; empty: no LLM.",
    )
    llm_model: str = Field(default="", description="Name of the model that words answers.")
    llm_key: SecretStr = Field(default=SecretStr(""), description="Key for that API; never logged.")
    llm_deadline: float = Field(
        default=20.0, ge=1, le=300, description="Seconds in which the LLM must have answered; else quotes are given."
    )
    max_body_mb: int = Field(default=20, ge=1, le=1024, description="Largest request body, in MiB.")
    max_question: int = Field(default=1000, ge=10, le=10_000, description="Longest question, in code points.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least severe message that is logged."
    )
    log_questions: Literal["none", "digest", "text"] = Field(
        default="none", description="What the log holds of a question: nothing, its length and hash, or all of it."
    )
    feedback: Literal["on", "off"] = Field(
        default="on", description="Whether people's verdicts on answers are taken and kept."
    )
    feedback_days: int = Field(default=365, ge=1, le=36_500, description="Days after which a verdict is removed.")
    allowed_origins: str = Field(
        default="",
        pattern=r"^(\s*https?://[0-9A-Za-z._\-\[\]:]+\s*(,|$))*$",
        description="Origins (https://example.com), separated by commas, whose pages may ask here from a browser.",
    )
    rate_per_minute: int = Field(
        default=0, ge=0, le=1_000_000, description="Requests a minute for each key or address; 0 for no limit."
    )
    trusted_proxies: str = Field(
        default="",
        description="Addresses and networks, separated by commas, of proxies whose X-Forwarded-For is believed.",
    )

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, written: str) -> str:
        networks(written)
        return written

    @property
    def host_names(self) -> frozenset[str]:
        """Host names that the server answers to; empty for any.

        On a loopback address only this machine is meant to ask. A page elsewhere could get around that
        by pointing its own name at 127.0.0.1, but then the request says so in its Host.
        """
        named = {name.strip().lower() for name in self.allowed_hosts.split(",") if name.strip()}
        if named or is_loopback(self.host):
            return _LOOPBACK_NAMES | named | {f"[{self.host}]" if ":" in self.host else self.host.lower()}
        return frozenset()

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
    except UnicodeDecodeError:
        raise SettingsInvalid("RAG_SETTINGS: the file is not UTF-8") from None
    except (ValueError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise SettingsInvalid(f"RAG_SETTINGS: the file cannot be read ({reason})") from None


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that is bound to this host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def networks(written: str) -> tuple[Network, ...]:
    """Addresses and networks (10.0.0.0/8), separated by commas.

    raises  ValueError that names the first one that is neither
    """
    return tuple(ipaddress.ip_network(part.strip(), strict=False) for part in written.split(",") if part.strip())
