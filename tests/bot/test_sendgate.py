"""Who may be written to unasked: the last words of a person, by channel."""

import logging

import pytest

from billing.records.consents import is_withdrawn
from billing.tables.addresses import Consent
from billing.tables.talk import Author
from bot.sendgate import is_unasked
from channels.logs import redact_cards, start_logs


def said(*words: str) -> list[Consent]:
    """Words of consent, the newest first: a no by SMS is "sms-", a yes on the web is "web+"."""
    return [Consent(channel=each[:-1], is_given=each.endswith("+")) for each in words]


@pytest.mark.parametrize(
    ("words", "channel", "withdrawn"),
    [
        ((), "sms", False),
        (("sms-",), "sms", True),
        (("sms-",), "web", True),
        (("web+", "sms-"), "web", False),
        (("web+", "sms-"), "sms", True),
        (("web+", "sms-"), "telegram", False),
        (("sms+", "sms-"), "sms", False),
        (("sms+", "web+", "sms-"), "web", False),
        (("sms+", "web-"), "web", True),
        (("sms-", "web+", "sms+"), "web", True),
        (("web+",), "sms", False),
    ],
)
def test_no_counts_everywhere_and_yes_where_it_is_said(words: tuple[str, ...], channel: str, withdrawn: bool) -> None:
    assert is_withdrawn(said(*words), channel) is withdrawn


@pytest.mark.parametrize(
    ("author", "key", "unasked"),
    [
        (Author.ASSISTANT, "turn:1:reply", False),
        (Author.SYSTEM, "payment:4:succeeded", False),
        (Author.SYSTEM, "code:7", False),
        (Author.SYSTEM, "reminder:4", True),
        (Author.SYSTEM, "", True),
        (Author.STAFF, "turn:9:m1.t0", True),
    ],
)
def test_answers_and_receipts_are_asked_for(author: Author, key: str, unasked: bool) -> None:
    assert is_unasked(author, key) is unasked


def test_no_log_line_holds_a_card(capsys: pytest.CaptureFixture[str]) -> None:
    kept = logging.getLogger().handlers[:]
    logging.getLogger().handlers[:] = []
    try:
        start_logs(logging.INFO)
        logging.getLogger("a.library").error(
            "failed with %s", "4111-1111-1111-1111", exc_info=ValueError("no card: 4111 1111 1111 1111")
        )
    finally:
        logging.getLogger().handlers[:] = kept
    written = capsys.readouterr().err
    assert "1111" not in written
    assert written.count("[card number removed]") == 2
    assert redact_cards(None, "info", {"event": "4111111111111111"}) == {"event": "[card number removed]"}
