"""rag ask --generate: the answer in the LLM's words as far as the passages bear them out."""

import asyncio
import sys
from dataclasses import replace
from typing import Final

from rag.api.answering import PreparedQuestion, prepare, told, whole_body
from rag.cli import printing
from rag.generation.configured import configured
from rag.generation.llm_errors import Degraded
from rag.generation.task import EXTRACTIVE, Worded
from rag.query.filters import Filter
from rag.service import Service

_LACKS: Final[dict[Degraded, str]] = {
    "generation_timeout": "大模型没有按时答完",
    "generation_failed": "大模型的回复不能用",
    "generation_unsupported": "大模型写的句子没有一句能由段落证实",
    "generation_unavailable": "没有可用的大模型",
}


def ask_worded(service: Service, question: str, top_k: int, only: Filter, *, json: bool) -> bool:
    """Ask, let the LLM of the settings word the answer, print it; whether there is an answer.

    only    answer from the documents that pass this filter
    raises  SettingsInvalid for an LLM that cannot be asked as the settings say
    """
    prepared, worded = asyncio.run(_worded(service, question, top_k, only))
    if json:
        printing.as_json(whole_body(prepared, worded))
    else:
        printing.reply(replace(prepared.reply, answer=worded.answer))
        if note := _note(worded):
            printing.note(note)
    if not service.settings.llm_address:
        print("rag: there is no LLM to word the answer; set RAG_LLM_ADDRESS and RAG_LLM_MODEL", file=sys.stderr)
    return worded.answer.status == "answered"


async def _worded(service: Service, question: str, top_k: int, only: Filter) -> tuple[PreparedQuestion, Worded]:
    generation = configured(service.settings, service.index.tokeniser)
    prepared = prepare(service, question, (), top_k, only)
    try:
        return prepared, await told(generation, prepared, True)
    finally:
        if generation is not None:
            await generation.close()


def _note(worded: Worded) -> str:
    """Who worded the answer, and what it lacks; nothing where nothing was found."""
    if worded.answer.status == "no_answer":
        return ""
    lacks = "；".join(f"{_LACKS[one]}（{one}）" for one in worded.degraded)
    by = "以上是原文的句子" if worded.generated_by == EXTRACTIVE else f"由 {worded.generated_by} 措辞，每句都已核对出处"
    dropped = f"，删去无据的 {worded.dropped} 句" if worded.dropped and worded.generated_by != EXTRACTIVE else ""
    return f"{lacks}；{by}{dropped}" if lacks else f"{by}{dropped}"
