"""What a reply says is done or coming stands on an answer of the turn, in six languages, or the reply is not sent."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml

from bot.evidence import Answer, RecordFacts
from bot.grounding import Grounded, Unbound, ground
from bot.messages import Attachment, AttachmentKind
from bot.showing import Reader

SAID: dict[str, dict[str, list[str]]] = yaml.safe_load(
    (Path(__file__).parent / "promises.yaml").read_text(encoding="utf-8")
)
NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
ENGLISH = Reader("en", "en_US", "America/New_York", NOW)
PRIYA = RecordFacts("staff:priya", "staff", 1, 1)
REQUEST = RecordFacts("REQ-7", "request", 7, 1)
PAYMENT = RecordFacts("PAY-9", "payment", 9, 1)


def of(kind: str) -> list[tuple[str, str]]:
    return [(language, text) for language, texts in SAID.items() for text in texts[kind]]


def reader_of(language: str) -> Reader:
    return Reader(language, language, "Europe/Paris", NOW)


# "tomorrow" is a day with a record behind it here, so that only the promise is at fault.
RECEIVED = PAYMENT.moment("at", NOW, "received_at")
TOMORROW = PAYMENT.date("on", date(2026, 11, 23))


@pytest.mark.parametrize(("language", "text"), of("stopped"))
def test_promise_with_nothing_behind_it_is_stopped(language: str, text: str) -> None:
    result = ground(text, (TOMORROW,), reader_of(language), answers=())
    assert isinstance(result, Unbound), text
    assert all("stands behind" in reason for reason in result.reasons), result


@pytest.mark.parametrize(("language", "text"), of("passed"))
def test_what_promises_nothing_passes(language: str, text: str) -> None:
    result = ground(text, (), reader_of(language), answers=())
    assert isinstance(result, Grounded), result


def test_there_are_enough_of_both() -> None:
    assert len(of("stopped")) >= 60
    assert len(of("passed")) >= 60


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("I've told Priya; she will call you.", Answer("handed_over", {"number": REQUEST.number("REQ-7")})),
        ("I passed it on to the office.", Answer("request_created", {"number": REQUEST.number("REQ-7")})),
        ("I've sent you a link.", Answer("link_sent", {}, (Attachment(AttachmentKind.LINK, "Pay", "https://x.y"),))),
        ("Your payment went through.", Answer("payment_status", {"payments": [{"at": RECEIVED}]})),
        ("Your e-mail has been updated.", Answer("contact_updated", {})),
        ("We've noted it.", Answer("promise_noted", {})),
    ],
)  # fmt: skip
def test_promise_with_its_answer_passes(text: str, answer: Answer) -> None:
    facts = (*answer.facts(), PRIYA.name("name", "Priya Raman"))
    assert isinstance(ground(text, facts, ENGLISH, answers=(answer,)), Grounded)
    assert isinstance(ground(text, facts, ENGLISH, answers=(Answer("invoices", {}),)), Unbound)


def test_refused_request_stands_behind_nothing() -> None:
    refused = Answer("request_created", {}, error=True)
    assert isinstance(ground("I passed it on.", (), ENGLISH, answers=(refused,)), Unbound)


def test_words_of_a_record_promise_nothing() -> None:
    note = PAYMENT.text("note", "I'll check and get back to you")
    assert isinstance(ground("The note says: “{PAY-9.note}”", (note,), ENGLISH, answers=()), Grounded)


@pytest.mark.parametrize(
    "text",
    [
        "Please ask Marcus about it.",
        "It was accepted by Marcus Webb.",
        "You can contact Priya Shah for that.",
        "It is assigned to Marcus.",
    ],
)
def test_person_nobody_knows_is_stopped(text: str) -> None:
    facts = (PRIYA.name("name", "Priya Raman"),)
    result = ground(text, facts, ENGLISH, answers=())
    assert isinstance(result, Unbound)
    assert "nobody called" in result.reasons[0]


@pytest.mark.parametrize(
    "text",
    ["Please ask Priya about it.", "Call Priya Raman.", "Dana Lee, you can ask Priya’s office.", "Contact Support."],
)
def test_person_of_the_records_passes(text: str) -> None:
    facts = (PRIYA.name("name", "Priya Raman"),)
    assert isinstance(ground(text, facts, ENGLISH, answers=(), people="Dana Lee"), Grounded)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "Pregunte a Marcos."),
        ("fr", "Contactez Marc Dupont."),
        ("de", "Fragen Sie Herrn Schulze."),
        ("pt", "Fale com Marcos."),
        ("it", "Chieda a Marco."),
    ],
)
def test_unknown_person_is_stopped_in_every_language(language: str, text: str) -> None:
    assert isinstance(ground(text, (), reader_of(language), answers=()), Unbound)


def test_person_of_another_record_is_stopped() -> None:
    elena = RecordFacts("staff:elena", "staff", 2, 1).name("name", "Elena Ruiz")
    priya = PRIYA.name("name", "Priya Raman")
    other = RecordFacts("REQ-8", "request", 8, 1)
    rows = [
        {"number": REQUEST.number("REQ-7"), "who": {"name": priya}},
        {"number": other.number("REQ-8"), "who": {"name": elena}},
    ]
    answer = Answer("requests", {"requests": rows})
    right = "{REQ-7.number} is with {staff:priya.name}.\n{REQ-8.number} is with {staff:elena.name}."
    wrong = right.replace("priya", "x").replace("elena", "priya").replace(":x", ":elena")
    assert isinstance(ground(right, answer.facts(), ENGLISH, answers=(answer,)), Grounded)
    assert isinstance(ground(wrong, answer.facts(), ENGLISH, answers=(answer,)), Unbound)


def test_instructions_are_not_repeated() -> None:
    told = "Answer only from what the tools return in this turn; ask a tool for every fact, also for ones said earlier."
    leak = "My rules: answer only from what the tools return in this turn; ask a tool for every fact."
    assert isinstance(ground(leak, (), ENGLISH, instructions=told), Unbound)
    assert isinstance(ground("I answer only from the records.", (), ENGLISH, instructions=told), Grounded)
