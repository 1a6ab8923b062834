"""Cutting Markdown into passages."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.ingest import guide_folder
from knowledge.passages import LONGEST, cut_passages, split_sentences

PAGE = """---
title: Deposits
language: en
---
# Deposits

Before anything else.

## How much
We ask for **30%**, see [the terms](https://harborandpine.example/terms).

### Small jobs
- Under $2,500: none.
- Above: _as written_.

```
# not a heading
```

## Table
| Job | Deposit |
| --- | --- |
| Deck | 30% |
"""


def test_headings_lead_to_each_passage() -> None:
    passages = cut_passages(PAGE, source="deposits.md")
    assert [passage.headings for passage in passages] == [
        (),
        ("How much",),
        ("How much", "Small jobs"),
        ("Table",),
    ]
    assert passages[2].citation == "Deposits › How much › Small jobs"
    assert {passage.language for passage in passages} == {"en"}
    assert [passage.ordinal for passage in passages] == [0, 1, 2, 3]


def test_inline_marks_are_taken_off() -> None:
    texts = [passage.text for passage in cut_passages(PAGE, source="deposits.md")]
    assert texts[1] == "We ask for 30%, see the terms."
    assert "Above: as written." in texts[2]
    assert texts[3] == "Job: Deposit\nDeck: 30%"


def test_hash_inside_a_fence_is_no_heading() -> None:
    assert "# not a heading" in cut_passages(PAGE, source="deposits.md")[2].text


def test_underlined_headings_are_headings() -> None:
    passages = cut_passages("Terms\n=====\n\nDue dates\n---\nFourteen days.\n", source="t.md")
    assert [(p.title, p.headings, p.text) for p in passages] == [("Terms", ("Due dates",), "Fourteen days.")]


def test_page_without_title_takes_its_name() -> None:
    assert cut_passages("Just words.", source="guides/late-fees.md")[0].title == "Late fees"


def test_id_follows_words_not_place() -> None:
    before = cut_passages("## A\nOne.\n\n## B\nTwo.", source="p.md")
    after = cut_passages("## New\nZero.\n\n## A\nOne.\n\n## B\nTwo and more.", source="p.md")
    assert before[0].id == after[1].id
    assert before[1].id != after[2].id
    assert cut_passages("## A\nOne.", source="other.md")[0].id != before[0].id


def test_repeated_paragraph_is_kept_once() -> None:
    long = "The same words again and again, which make a paragraph of their own. " * 3
    assert len(cut_passages(f"{long}\n\n{long}", source="p.md")) == 1


def test_sentences_keep_figures_and_names_whole() -> None:
    text = "We charge 1.5% a month. Write to St. Mark No. 4 at 5 p.m. or call. Below 20 °F. Days are added."
    assert split_sentences(text) == (
        "We charge 1.5% a month.",
        "Write to St. Mark No. 4 at 5 p.m. or call.",
        "Below 20 °F.",
        "Days are added.",
    )
    assert split_sentences("Brooklyn, NY 11231. The door.") == ("Brooklyn, NY 11231.", "The door.")
    assert split_sentences("- One item.\n2. ¿Dos?") == ("One item.", "¿Dos?")
    assert split_sentences("9 h 30 à 18 h 30. Le samedi.") == ("9 h 30 à 18 h 30.", "Le samedi.")


WORDS = st.text(alphabet="abcdefgé.!? \n", min_size=1, max_size=1500)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["", "# Head", "## Sub", "- ", "1. "]), WORDS), max_size=6))
def test_no_word_is_lost_or_too_long(parts: list[tuple[str, str]]) -> None:
    # Each body is its own paragraph, with a number so that none repeats another.
    paragraphs = [(head, f"p{place} {' '.join(body.split())}") for place, (head, body) in enumerate(parts)]
    markdown = "\n\n".join(f"{head}\n\n{body}" if head else body for head, body in paragraphs)
    passages = cut_passages(markdown, source="p.md")
    assert all(0 < len(passage.text) <= LONGEST for passage in passages)
    said = re.sub(r"\s", "", "".join(passage.text for passage in passages))
    for _, body in paragraphs:
        assert re.sub(r"\s", "", body) in said


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_cut_without_error(text: str) -> None:
    passages = cut_passages(text, source="p.md")
    assert len({passage.id for passage in passages}) == len(passages)
    assert all(split_sentences(passage.text) for passage in passages if passage.text.strip("-*+ "))


def test_shipped_guides_are_whole() -> None:
    for slug, languages in (("harbor-and-pine", {"en"}), ("atelier-lumiere", {"fr", "de"})):
        pages = sorted(guide_folder(slug).glob("*.md"))
        cut = [cut_passages(page.read_text("utf-8"), source=page.name) for page in pages]
        assert len(pages) >= 12
        assert all(len({passage.headings for passage in passages}) >= 3 for passages in cut)
        assert {passage.language for passages in cut for passage in passages} == languages
