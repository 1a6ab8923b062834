"""Charts as pictures: small, the same each time, and harmless whatever the labels hold."""

import io

import pytest
from PIL import Image

from channels.telegram.charts import DARK, LIGHT, MOST_ROWS, WIDTH, cut, draw_chart, drawable

AGES = [("Not yet due", "$1,234,567.00"), ("1 to 30 days", "$6,200.00"), ("Over 90 days", "$0.00")]
ODD = [
    "Donaudampfschifffahrtsgesellschaftskapitän", "$x_1$ ^{} \\frac{a}{b} & Co", "משרד עורכי דין", "🙂 Homes 🏠",
    "日本語の会社", "شركة", "a\nb\tc", "\u202egnp.exe", "\ud800", "e\u0301te\u0301", "$", "",
]  # fmt: skip


def picture(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGB")


def count(content: bytes, colour: str) -> int:
    """How many dots have about this colour."""
    wanted = tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))
    dots = picture(content).getcolors(1 << 24) or []
    return sum(times for times, dot in dots if isinstance(dot, tuple) and max(map(_apart, dot, wanted)) < 12)


def _apart(one: float, two: float) -> float:
    return abs(one - two)


def test_chart_is_small_and_the_same_again() -> None:
    drawn = draw_chart("Open balances by age", AGES, [1, 0.2, 0])
    assert drawn.startswith(b"\x89PNG")
    assert drawn == draw_chart("Open balances by age", AGES, [1, 0.2, 0])
    assert len(drawn) < 50_000
    assert picture(drawn).width == int(WIDTH * 150)
    assert b"matplotlib" not in drawn.lower()


def test_bars_are_as_long_as_their_shares() -> None:
    whole, half, none = (count(draw_chart("", [("a", "$1.00")], [share]), LIGHT.bar) for share in (1.0, 0.5, 0.0))
    assert none == 0
    assert 0.45 < half / whole < 0.55


def test_dark_chart_stands_on_dark_paper() -> None:
    drawn = draw_chart("Open balances", AGES, [1, 0.2, 0], dark=True)
    assert count(drawn, DARK.paper) > count(drawn, DARK.bar) > 0
    assert count(drawn, LIGHT.paper) == 0


@pytest.mark.parametrize("label", ODD, ids=range(len(ODD)))
def test_any_label_is_harmless(label: str) -> None:
    assert draw_chart(label, [(label, label)], [0.5]).startswith(b"\x89PNG")


@pytest.mark.parametrize("shares", [[], [float("nan"), float("inf")], [-1, 7, 0.5, 0.5]])
def test_odd_shares_are_harmless(shares: list[float]) -> None:
    assert draw_chart("Odd", AGES, shares).startswith(b"\x89PNG")


def test_formulas_are_not_read() -> None:
    plain = draw_chart("", [("$x$", "$1.00")], [0.5])
    assert plain != draw_chart("", [("x", "$1.00")], [0.5])
    assert drawable("$x_1$") == "$x_1$"
    assert drawable("a 🙂") == "a □"


def test_nothing_and_very_much_are_drawn() -> None:
    assert picture(draw_chart("Nothing is owed", [], [])).height < 300
    many = [(f"Client {place} of forty characters and more", "$9,999,999.00") for place in range(30)]
    drawn = draw_chart("Who owes us", many, [1.0] * 30)
    assert drawn != draw_chart("Who owes us", many[:MOST_ROWS], [1.0] * 30)
    assert picture(drawn).height < 1300
    assert len(drawn) < 200_000


def test_long_words_are_cut() -> None:
    assert cut("a" * 40, 30) == "a" * 29 + "…"
    assert cut(" a \n b ", 30) == "a b"
