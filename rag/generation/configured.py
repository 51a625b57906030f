"""The LLM that the settings name, if they name one."""

from typing import TYPE_CHECKING

from index.lexical.tokeniser import Tokeniser
from rag.settings import Settings, SettingsInvalid

if TYPE_CHECKING:
    from rag.generation.wording import Generation


def configured(settings: Settings, tokeniser: Tokeniser) -> "Generation | None":
    """The LLM; None without an address, and then httpx is not even imported.

    raises  SettingsInvalid, which repeats no value
    """
    if not settings.llm_address:
        return None
    from rag.generation.wording import Generation

    try:
        key = settings.llm_key.get_secret_value()
        return Generation(tokeniser, settings.llm_address, settings.llm_model, key, settings.llm_deadline)
    except ValueError as error:
        raise SettingsInvalid(f"RAG_LLM_ADDRESS, RAG_LLM_MODEL, RAG_LLM_KEY: {error}") from None
