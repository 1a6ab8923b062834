"""The utterance files: complete, apart from the test part, and without the texts kept for judging."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.builtin.intents import INTENTS
from bot.builtin.lexicon import LANGUAGES
from bot.builtin.utterance_files import (
    HELD_OUT,
    Utterance,
    count_held_out,
    expand,
    known_words,
    read_hashes,
    read_utterances,
    text_hash,
)


def test_every_class_has_both_parts(utterances: tuple[Utterance, ...]) -> None:
    for part in ("train", "test"):
        assert {utterance.intent for utterance in utterances if utterance.part == part} == set(INTENTS)


def test_set_aside_texts_are_not_trained_on(utterances: tuple[Utterance, ...]) -> None:
    trained = {text_hash(utterance.text) for utterance in utterances if utterance.part == "train"}
    both = {
        utterance.text for utterance in utterances if utterance.part == "test" and text_hash(utterance.text) in trained
    }
    assert not both


def test_patterns_expand_the_same_way() -> None:
    pattern = "(send|text) me (the|my) <file> (|please)"
    slots = {"file": ["contract", "permit"]}
    texts = expand(pattern, slots)
    assert texts == expand(pattern, slots)
    assert len(set(texts)) == len(texts) >= 8
    assert not any(sign in text for text in texts for sign in "(|<>)")


def test_held_out_texts_are_dropped(tmp_path: Path) -> None:
    (tmp_path / "slots.yaml").write_text("en: {}\n", encoding="utf-8")
    (tmp_path / "talk.yaml").write_text("balance: {train: {en: [how much is it, what do i owe]}}\n", encoding="utf-8")
    hashes = tmp_path / "hashes.txt"
    hashes.write_text(text_hash("How MUCH is it?") + "\n", encoding="ascii")
    held_out = read_hashes(hashes)
    assert count_held_out(["how much is it", "How much is it!", "what for"], held_out) == 2
    assert [found.text for found in read_utterances(tmp_path, held_out)] == ["what do i owe"]
    assert read_hashes(tmp_path / "missing.txt") == frozenset()


def test_nothing_is_learned_or_measured_on_held_out_texts(utterances: tuple[Utterance, ...]) -> None:
    held_out = read_hashes(HELD_OUT)
    assert len(held_out) == 800
    assert count_held_out((utterance.text for utterance in utterances), held_out) == 0
    # Only a count: which texts match is not to be known here. What a test reads is dropped from its file instead.
    for name in ("blind", "blind_two", "harmless", "sixty", "attacks"):
        texts = list(_strings(yaml.safe_load((Path(__file__).parent / f"{name}.yaml").read_text(encoding="utf-8"))))
        assert len(texts) >= 15
        assert count_held_out(texts, held_out) == 0


def _strings(node: Any) -> Iterator[str]:
    """Every string in what a YAML file holds."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict | list):
        for part in node.values() if isinstance(node, dict) else node:
            yield from _strings(part)


_ISSUE_INTENTS = {
    "balance": ("list_invoices",), "meaning": ("explain_invoice",), "pay": ("send_payment_link",),
    "received": ("payment_status", "account_statement"), "problem": ("report_payment_problem",),
    "refund": ("refund_status", "report_payment_problem"), "work": ("create_request",),
    "document": ("find_file", "list_estimates", "search_knowledge"), "later": ("payment_plan", "promise_to_pay"),
    "progress": ("project_status", "upcoming_appointments", "request_status"),
    "person": ("hand_to_person", "who_to_contact"), "details": ("update_contact", "set_preference"),
    "smalltalk": ("smalltalk",), "out of scope": ("out_of_scope",), "opt out": ("opt_out",), "refuse": ("refuse",),
}  # fmt: skip


@pytest.mark.parametrize("intent", sorted(_ISSUE_INTENTS))
def test_every_intent_has_many_wordings(utterances: tuple[Utterance, ...], intent: str) -> None:
    texts: dict[str, set[str]] = {language: set() for language in LANGUAGES}
    for utterance in utterances:
        meant = INTENTS[utterance.intent]
        if "client" in meant.kinds and (meant.tool or meant.act.value) in _ISSUE_INTENTS[intent]:
            texts[utterance.language].add(text_hash(utterance.text))
    assert len(texts["en"]) >= 150
    assert all(len(found) >= 60 for found in texts.values()), {name: len(found) for name, found in texts.items()}


def test_addresses_are_no_vocabulary() -> None:
    assert "bob" not in known_words()
    assert "invoice" in known_words()
