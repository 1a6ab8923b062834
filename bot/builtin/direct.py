"""Answers that need no tool: small talk, refusals, choices, and how to be recognised."""

from functools import cache
from importlib import resources
from typing import Any

import yaml

from bot.evidence import Answer
from bot.meaning import Act, Call
from bot.messages import Attachment, AttachmentKind
from bot.replies import cannot_yet
from bot.turn import TurnWork

KINDS = {
    Act.SMALLTALK: "smalltalk",
    Act.OUT_OF_SCOPE: "out_of_scope",
    Act.OPT_OUT: "opt_out_unsure",
    Act.REFUSE: "refuse",
    Act.CLARIFY: "clarify",
}


def direct_answer(work: TurnWork) -> Answer:
    """What is said when no tool runs: by the act, or why the asked tool may not be used yet."""
    act = work.understanding.act
    business = {fact.name: fact for fact in work.base}
    data: dict[str, Any] = {"business": business, "staff": work.context.principal.is_staff}
    if act is Act.TOOL:
        return cannot_yet(work)
    if act is Act.CLARIFY:
        buttons = _buttons(work.understanding.choices, work.reader.language)
        data["choices"] = [button.label[:1].lower() + button.label[1:] for button in buttons]
        return Answer(kind="clarify", data=data, attachments=buttons)
    return Answer(kind=KINDS[act], data=data)


def _buttons(choices: tuple[Call, ...], language: str) -> tuple[Attachment, ...]:
    offered = choice_words(language)
    buttons = []
    for call in choices:
        words = offered.get(call.intent)
        if words:
            buttons.append(Attachment(AttachmentKind.BUTTON, words["label"], words["say"]))
    return tuple(buttons)


@cache
def choice_words(language: str) -> dict[str, dict[str, str]]:
    """For each intent, how it is offered as a choice and the words its button sends."""
    folder = resources.files("bot") / "phrasebook"
    page = folder / language / "choices.yaml"
    if not page.is_file():
        page = folder / "en" / "choices.yaml"
    words: dict[str, dict[str, str]] = yaml.safe_load(page.read_text(encoding="utf-8"))
    return words
