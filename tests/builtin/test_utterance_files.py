"""The utterance files: complete, apart from the test part, and without the texts kept for judging."""

from pathlib import Path

from bot.builtin.intents import INTENTS
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
    for name in ("blind", "sixty", "attacks"):
        lines = (Path(__file__).parent / f"{name}.yaml").read_text(encoding="utf-8").splitlines()
        assert count_held_out((line.strip(' -"') for line in lines), held_out) == 0


def test_addresses_are_no_vocabulary() -> None:
    assert "bob" not in known_words()
    assert "invoice" in known_words()
