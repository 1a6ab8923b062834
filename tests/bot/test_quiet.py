"""How long a text is waited on: a second and a half, four after a fragment, never more than twelve in all."""

from datetime import timedelta

import pytest

from bot.quiet import FINISHED, UNFINISHED, answer_time, quiet_time
from tests.fakes.clock import NOW


@pytest.mark.parametrize(
    "text",
    [
        "hi", "Hey there", "hello!", "bonjour", "Guten Tag", "hola", "so about the kitchen,", "I wanted to ask and",
        "the thing is…", "wait...", "it says (for the deck", "he wrote “we come on", "porque", "je voulais savoir si",
        "ich wollte fragen ob die", "queria saber se", "volevo sapere se", "one more thing", "my question:",
        'the plumber said "yes',
    ],
)  # fmt: skip
def test_fragment_is_waited_on_longer(text: str) -> None:
    assert quiet_time("sms", text) == UNFINISHED


@pytest.mark.parametrize(
    "text",
    [
        "did u get my payment?", "what's this invoice for", "I paid yesterday.", "Where are you from?", "pay",
        "send me the link", "thanks!", "half now (the rest later)", "is it the one you told me about?", "yes", "", "👍",
    ],
)  # fmt: skip
def test_whole_thought_is_answered_soon(text: str) -> None:
    assert quiet_time("sms", text) == FINISHED


@pytest.mark.parametrize("text", ["STOP", "start", "please don't text me any more"])
def test_keyword_is_not_waited_on(text: str) -> None:
    assert quiet_time("sms", text) is None


@pytest.mark.parametrize("channel", ["web", "terminal", "telegram"])
def test_other_channels_do_not_wait(channel: str) -> None:
    assert quiet_time(channel, "hi") is None
    assert answer_time(channel, "hi", NOW, None) is None


def test_burst_waits_twelve_seconds_at_most() -> None:
    assert answer_time("sms", "and", NOW, None) == NOW + UNFINISHED
    assert answer_time("sms", "and", NOW, NOW - timedelta(seconds=5)) == NOW + UNFINISHED
    assert answer_time("sms", "and", NOW, NOW - timedelta(seconds=10)) == NOW + timedelta(seconds=2)
