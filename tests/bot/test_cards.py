"""Card numbers: none survives, however it is written; nothing else is touched."""

import random
import re
import string
from collections.abc import Iterator

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from bot.cards.finding import CARD_REMOVED, CODE_REMOVED
from bot.cards.numbers import ISSUERS, has_check_digit, is_card_number
from bot.cards.redacting import redact, redact_parts, redacted_value

WORDS = tuple(
    "please take it from this one thanks hello the kitchen bill and deck monday morning we paid already ok bitte"  # noqa: SIM905
    " nehmen Sie meine por favor mi la mienne per favore grazie danke merci obrigado then also when you can".split()
)
SCRIPTS = ["0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९"]
GAPS = ["", " ", "-", ".", "/", "  ", " - ", "\u200b", "\u00a0", "–", "\n", "_", " / ", "\u2009", "\u2060 "]


def card_of(chance: random.Random) -> str:
    """A number that an issuer might give out."""
    lowest, highest, lengths = chance.choice(ISSUERS)
    prefix = str(chance.randint(int(lowest), int(highest))).zfill(len(lowest))
    length = chance.choice(sorted(lengths))
    body = prefix + "".join(chance.choice(string.digits) for _ in range(length - len(prefix) - 1))
    return next(body + digit for digit in string.digits if has_check_digit(body + digit))


def written(card: str, chance: random.Random) -> str:
    """The number as somebody might type it: grouped by fours, or anyhow with one separator; in any script."""
    script = chance.choice(SCRIPTS)
    digits = [script[int(digit)] for digit in card]
    if chance.random() < 0.6:
        sizes = [4] * 5
    else:
        sizes = [chance.randint(1, 6) for _ in range(20)]
    groups, after = [], 0
    for size in sizes:
        groups.append("".join(digits[after : after + size]))
        after += size
    groups = [group for group in groups if group]
    return chance.choice(GAPS).join(groups)


def prose(chance: random.Random, least: int = 0) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(chance.randint(least, 8)))


def ascii_of(text: str) -> str:
    return "".join(str(int(char)) if char.isdigit() and char.isdecimal() else char for char in text)


def survivors(text: str) -> list[str]:
    """Every run of digits that is a card's number, whatever stands between the digits."""
    plain = re.sub(r"[\s\-–./_\u200b\u2060]", "", ascii_of(text))
    return [run for run in re.findall(r"[0-9]+", plain) if is_card_number(run)]


def check_one(number: int) -> None:
    chance = random.Random(number)
    before, after = prose(chance), prose(chance)
    secret = written(card_of(chance), chance)
    text = f"{before} {secret} {after}".strip() if chance.random() < 0.8 else f"{before}: {secret}."
    clean = redact(text)
    assert survivors(text), text
    assert not survivors(clean), (text, clean)
    assert clean == text.replace(secret, CARD_REMOVED), (text, clean)
    assert redact(clean) == clean
    assert redact(f"{before} {after}") == f"{before} {after}"


@pytest.mark.parametrize("count", [500, pytest.param(10_000, marks=pytest.mark.prove)])
def test_no_card_survives_anything_else_does(count: int) -> None:
    for number in range(count):
        check_one(number)


@pytest.mark.parametrize("count", [500, pytest.param(10_000, marks=pytest.mark.prove)])
def test_no_card_in_parts_survives(count: int) -> None:
    for number in range(count):
        chance = random.Random(number)
        card, cuts = card_of(chance), sorted(chance.sample(range(3, 12), chance.randint(1, 2)))
        pieces = [card[a:b] for a, b in zip([0, *cuts], [*cuts, len(card)], strict=True)]
        if any(redact(piece) != piece for piece in pieces):
            continue  # a part is a card's number by itself
        texts = [redact(f"my card number is {pieces[0]}"), *(redact(piece) for piece in pieces[1:])]
        for place in range(2, len(texts) + 1):
            texts[:place] = redact_parts(texts[:place])
        assert not re.search(r"[0-9]{3}", " ".join(texts)), (card, pieces, texts)


@seed(2026)
@settings(max_examples=300, database=None, derandomize=True)
@given(st.text(max_size=200))
def test_any_text_is_redacted_once(text: str) -> None:
    clean = redact(text)
    assert redact(clean) == clean
    assert not survivors(clean) or survivors(clean) == survivors(text)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("4111 1111 1111 1111 exp 12/27 cvv 123", "[card number removed] exp [expiry removed] cvv"),
        ("4111111111111111 12/27 123", "[card number removed] [expiry removed]"),
        ("visa 4111-1111-1111-1111, cvc: 987 thanks", "visa [card number removed], cvc:"),
        ("3782 822463 10005 code 1234", "[card number removed] code"),
        ("the number is 4111 1111\nand then\n1111 1111", "[card number removed]\nand then\n[card number removed]"),
        ("my cvv is 123", "my cvv is"),
        ("4️⃣1️⃣1️⃣1️⃣ 1111 1111 1111", "[card number removed]"),
        ("card4111111111111111exp", "card[card number removed]exp"),
        ("Karte 4111 1111 1111 1111 gültig bis 03/29, Prüfnummer 321", "[card number removed] gültig bis [expiry"),
    ],
)
def test_card_goes_with_code_and_expiry(text: str, clean: str) -> None:
    assert clean in redact(text)
    assert not re.search(r"\d{3}", redact(text))


@pytest.mark.parametrize(
    "text",
    [
        "INV-1042 is $1,840.00 and INV-1047 $620.00, due 28/11/2026",
        "call me on +1 (415) 555-2671 or +49 1514 2345678",
        "DE89 3704 0044 0532 0130 00 is our IBAN, GB29 NWBK 6016 1331 9268 19 the other",
        "order 4111111111111111 has not come",  # said to be an order's
        "tracking 1Z999AA10123456784",
        "the alarm code is 4821, the gate's security code 9931",
        "between 2026-11-28 and 2026-12-24, 14:30 to 16:45",
        "we paid 1200.00 3400.00 450.00 and 99.95",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert redact(text) == text


def others(count: int) -> Iterator[tuple[str, str]]:
    """What businesses write about that has many digits: kind and text."""
    chance = random.Random(4)

    def digits(length: int) -> str:
        return "".join(chance.choice(string.digits) for _ in range(length))

    kinds = {
        "invoice": lambda: f"about invoice {chance.choice(['INV-', '2026-', '#', 'RE'])}{digits(chance.randint(4, 9))}",
        "e164": lambda: f"my number is +{chance.choice(['1', '49', '44', '33', '34', '351', '39'])}{digits(10)}",
        "spaced": lambda: f"ring +44 {digits(4)} {digits(6)} or +49 {digits(3)} {digits(8)}",
        "national": lambda: f"it's ({digits(3)}) {digits(3)}-{digits(4)} or 0{digits(4)} {digits(6)}",
        "order": lambda: f"order number {digits(chance.randint(8, 17))} please",
        "bare": lambda: digits(chance.randint(9, 15)),
        "iban": lambda: iban(digits(18)),
        "ups": lambda: f"it is 1Z{digits(3)}AA{digits(11)}",
        "tracking": lambda: f"tracking {digits(chance.choice([12, 15, 20, 22]))}",
        "dates": lambda: f"{chance.randint(1, 12)}/{chance.randint(1, 28)}/2026 {chance.randint(1, 12)}/28/2026 14:30",
        "amounts": lambda: " and ".join(f"${chance.randint(100, 9999)}.{digits(2)}" for _ in range(4)),
        "list": lambda: ", ".join(str(chance.randint(1000, 9999)) for _ in range(4)),
    }
    for number in range(count):
        kind = list(kinds)[number % len(kinds)]
        yield kind, kinds[kind]()


def iban(account: str) -> str:
    check = 98 - int(f"{account}131400") % 97
    bare = f"DE{check:02d}{account}"
    return " ".join(bare[place : place + 4] for place in range(0, len(bare), 4))


@pytest.mark.parametrize("count", [6_000, pytest.param(60_000, marks=pytest.mark.prove)])
def test_one_in_a_hundred_at_most_is_mistaken(count: int) -> None:
    hits = [(kind, text) for kind, text in others(count) if redact(text) != text]
    assert len(hits) <= count / 100, hits[:20]


def test_parts_in_several_messages_make_one() -> None:
    assert redact_parts(["my card is 4111", "1111", "one moment", "1111 1111"]) == [
        f"my card is {CARD_REMOVED}", CARD_REMOVED, "one moment", CARD_REMOVED,
    ]  # fmt: skip
    assert redact_parts(["41111111", "11111111 12/27 123"])[0] == CARD_REMOVED
    assert redact_parts([f"here: {CARD_REMOVED}", "123"]) == [f"here: {CARD_REMOVED}", CODE_REMOVED]
    for texts in (["1042", "4500"], ["invoice 1042", "and 1047?"], ["call 415 555 2671", "or 415 555 2672"]):
        assert redact_parts(texts) == texts


def test_logged_values_are_redacted() -> None:
    line = {"event": "x 4111 1111 1111 1111", "deep": [{"n": 4111111111111111}], "turn": 12, "ok": True}
    clean = redacted_value(line)
    assert "1111" not in str(clean)
    assert clean["turn"] == 12
    assert clean["ok"] is True
