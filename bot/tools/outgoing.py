"""The words of a message to a client, written out in their language and locale before anybody says yes."""

from datetime import datetime

from bot.evidence import Answer, Fact, FactKind, calculated
from bot.grounding import render_handles
from bot.showing import plain_words, reader_locale
from bot.wording import render


def outgoing_text(answer: Answer, language: str, locale: str, zone: str, now: datetime) -> str:
    """The text that `answer` makes for a reader of this language, locale (Babel form) and zone.

    Raises UnknownKindError without a template, KeyError when a figure of the template has no fact.
    """
    draft = render(answer, intent="", language=language)
    figures = reader_locale(language, locale)
    return render_handles(draft, answer.facts(), locale=figures, zone=zone, now=now, language=language)


def text_fact(text: str, inputs: tuple[str, ...] = ()) -> Fact:
    """The whole text of a message as evidence: what is shown before yes is what goes out."""
    what = "text of the message that is sent"
    return calculated("message", "text", FactKind.TEXT, plain_words(text), what=what, inputs=inputs)
