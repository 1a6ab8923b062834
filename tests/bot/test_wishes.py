"""Wishes not to be written to: every form is known on its channels, and what only looks like one is not."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.keywords import Keyword, find_keyword, is_answered_by_provider
from bot.wishes import find_wish

FORMS: dict[str, list[dict[str, Any]]] = yaml.safe_load(Path(__file__).with_name("opt_outs.yaml").read_text("utf-8"))


def listed(kind: str) -> list[tuple[str, str]]:
    return [(text, channel) for group in FORMS[kind] for text in group["texts"] for channel in group["channels"]]


@pytest.mark.parametrize(("text", "channel"), listed("opt_outs"))
def test_opt_out_is_known(text: str, channel: str) -> None:
    wish = find_wish(text, channel)
    assert wish is not None
    assert wish.keyword is Keyword.STOP


@pytest.mark.parametrize(("text", "channel"), listed("look_alikes"))
def test_look_alike_is_no_opt_out(text: str, channel: str) -> None:
    assert find_wish(text, channel) is None


def test_lists_are_long_enough() -> None:
    assert len({text for text, _ in listed("opt_outs")}) >= 120
    assert len({text for text, _ in listed("look_alikes")}) >= 40


def test_question_beside_a_wish_is_kept() -> None:
    wish = find_wish("Please stop texting me. Did my payment arrive?", "sms")
    assert wish is not None
    assert wish.rest == "Did my payment arrive?"
    wish = find_wish("STOP\ndid my payment arrive", "sms")
    assert wish is not None
    assert wish.rest == "did my payment arrive"


@pytest.mark.parametrize("text", ["START", "unstop", "Start!", "alta", "opt in"])
def test_start_is_known(text: str) -> None:
    wish = find_wish(text, "sms")
    assert wish is not None
    assert wish.keyword is Keyword.START


def test_yes_stays_a_yes() -> None:
    assert find_keyword("YES", "sms") is Keyword.YES
    assert find_wish("yes", "sms") is None


def test_cancel_elsewhere_is_a_no() -> None:
    for text in ("cancel", "END", "quit"):
        assert find_keyword(text, "web") is Keyword.NO
        assert find_keyword(text, "sms") is Keyword.STOP


def test_provider_answers_only_its_own_words() -> None:
    assert is_answered_by_provider("Stop")
    assert is_answered_by_provider("CANCEL")
    assert not is_answered_by_provider("please don't text me any more")
    assert not is_answered_by_provider("arrêt")
