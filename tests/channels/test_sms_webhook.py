"""Twilio's webhooks: only what it signed is read, what came in is stored once, and nothing breaks them."""

import base64
import random
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.access import Door
from billing.principal import Scope
from billing.tables.addresses import Connection
from billing.tables.talk import Message
from channels.sms.parsing import sign
from channels.sms.texting import webhook_url
from tests.conftest import Run
from tests.fakes.twilio_shop import ADDRESS, DANA, FORM, SID, TOKEN, TextShop, new_sid, texted

CHOICES = [
    {"kind": "button", "label": "Pay", "value": "pay INV-1042", "rows": [], "extra": {}},
    {"kind": "button", "label": "Talk to a person", "value": "I want a person", "rows": [], "extra": {}},
]
PAIRS = st.lists(st.tuples(st.text(max_size=12), st.text(max_size=80)), max_size=8)
ODD = [b"", b"=", b"&&&", b"Body=%ff%fe", b"MessageSid=SM&From=", b"a=" + b"x" * 200_000, b"&".join([b"a=1"] * 999)]
BYTES = st.one_of(
    st.binary(max_size=400),
    PAIRS.map(lambda pairs: urlencode(pairs, errors="surrogatepass").encode()),
    st.sampled_from(ODD),
)


@pytest.fixture
def shop(sqlite_door: Door, run: Run) -> TextShop:
    shop = TextShop(sqlite_door)
    run(shop.open())
    return shop


def test_signed_text_is_stored(shop: TextShop, run: Run) -> None:
    answer = run(shop.post(texted("did u get my payment")))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    assert answer.text.endswith("<Response/>")
    [message] = run(shop.rows(Message))
    assert (message.text, message.connection) == ("did u get my payment", "sms:harbor")


def test_replayed_text_is_stored_once(shop: TextShop, run: Run) -> None:
    fields = texted("hello")
    assert [run(shop.post(fields)).status_code for _ in range(3)] == [200, 200, 200]
    assert len(run(shop.rows(Message))) == 1


@pytest.mark.parametrize("url", [f"{ADDRESS}:443/webhooks/twilio/sms", f"{ADDRESS}/webhooks/twilio/sms"])
def test_port_may_be_signed_or_not(shop: TextShop, run: Run, url: str) -> None:
    fields = texted("hello")
    assert run(shop.post(fields, signature=sign(TOKEN, url, fields))).status_code == 200


def test_repeated_parameters_are_signed_together(shop: TextShop, run: Run) -> None:
    from starlette.datastructures import ImmutableMultiDict

    pairs = [*texted("hello").items(), ("Extra", "b"), ("Extra", "a")]
    signature = sign(TOKEN, webhook_url(ADDRESS, "sms", ""), ImmutableMultiDict(pairs))
    assert run(shop.post(pairs, signature=signature)).status_code == 200
    assert run(shop.post(pairs[:-1], signature=signature)).status_code == 403


def test_number_stands_for_a_choice(shop: TextShop, run: Run) -> None:
    run(shop.queue("$1,840.00 is due.", CHOICES))
    run(shop.post(texted("2.")))
    run(shop.post(texted("PAY")))
    run(shop.post(texted("3")))
    assert [row.choice for row in run(shop.rows(Message))[1:]] == ["I want a person", "pay INV-1042", None]


def test_number_means_nothing_after_other_words(shop: TextShop, run: Run) -> None:
    run(shop.queue("$1,840.00 is due.", CHOICES))
    run(shop.queue("Anything else?"))
    run(shop.post(texted("1")))
    assert run(shop.rows(Message))[-1].choice is None


def test_pictures_wait_to_be_fetched(shop: TextShop, run: Run) -> None:
    run(shop.post(texted("", media=[("https://api.twilio.com/m/1", "image/jpeg")])))
    [message] = run(shop.rows(Message))
    assert [(each["state"], each["value"]) for each in message.attachments] == [
        ("pending", "https://api.twilio.com/m/1")
    ]


def test_text_that_says_nothing_is_not_kept(shop: TextShop, run: Run) -> None:
    assert run(shop.post(texted("  "))).status_code == 200
    assert run(shop.rows(Message)) == []


def test_further_business_has_its_own_secret(shop: TextShop, run: Run) -> None:
    async def work(session: Any) -> None:
        row = Connection(
            business_id=shop.business_id, key="sms:second", channel="sms", path="second", account=SID,
            sender="+12125550199", sealed=shop.sealing.seal("another token"), connected_at=shop.now,
        )  # fmt: skip
        session.add(row)

    run(shop.door.system(Scope.CONNECT).write(work))
    assert run(shop.post(texted("hi"), path="second")).status_code == 403
    assert run(shop.post(texted("hi"), path="second", token="another token")).status_code == 200
    assert run(shop.post(texted("hi"), path="nobody", token="another token")).status_code == 403
    assert [row.connection for row in run(shop.rows(Message))] == ["sms:second"]


def test_secret_shows_nowhere(shop: TextShop, run: Run) -> None:
    account = run(shop.accounts.find_by_key("sms:harbor"))
    assert account.token == TOKEN
    assert TOKEN not in f"{account!r}{shop.accounts!r}{shop.texting!r}"


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [(b"Body=%ff", FORM, 400), (b"Body=\xff", FORM, 400), (b"{}", "application/json", 400), (b"a=1", "", 400),
     (b"x=" + b"y" * 200_000, FORM, 413), (b"&".join([b"a=1"] * 400), FORM, 400), (b"", FORM, 403)],
)  # fmt: skip
def test_what_is_no_form_is_refused(shop: TextShop, run: Run, body: bytes, kind: str, status: int) -> None:
    assert run(shop.post(body, content_type=kind)).status_code == status
    assert sum(run(shop.counts()).values()) == 0


@pytest.mark.parametrize("missing", ["MessageSid", "From"])
def test_signed_form_without_a_field_is_refused(shop: TextShop, run: Run, missing: str) -> None:
    fields = {name: said for name, said in texted("hi").items() if name not in (missing, "SmsSid")}
    assert run(shop.post(fields)).status_code == 400
    assert sum(run(shop.counts()).values()) == 0


def forged(number: int) -> tuple[dict[str, str], str]:
    """A body, and a signature that is not its own: wrong, missing, cut off, or of another request."""
    chance, fields = random.Random(number), texted(f"message {number}")
    right = sign(TOKEN, webhook_url(ADDRESS, "sms", ""), fields)
    made = [
        base64.b64encode(chance.randbytes(20)).decode(),
        "",
        right[: chance.randrange(1, len(right))],
        sign(TOKEN, webhook_url(ADDRESS, "sms", ""), texted("another body")),
        sign(TOKEN, webhook_url(ADDRESS, "status", ""), fields),
        sign(TOKEN, webhook_url("http://10.0.0.7:8000", "sms", ""), fields),
        sign("another token", webhook_url(ADDRESS, "sms", ""), fields),
        right.swapcase(),
        sign("", webhook_url(ADDRESS, "sms", ""), fields),
        right + "A",
    ]
    return fields, made[number % len(made)]


def check_forged(shop: TextShop, run: Run, count: int) -> None:
    for number in range(count):
        fields, signature = forged(number)
        assert run(shop.post(fields, signature=signature)).status_code == 403, (number, signature)
        if number % 10 != 4:  # that one is signed for the other address
            assert run(shop.post(fields, kind="status", signature=signature)).status_code == 403
    assert sum(run(shop.counts()).values()) == 0


def test_forged_signatures_write_nothing(shop: TextShop, run: Run) -> None:
    check_forged(shop, run, 20)


@pytest.mark.prove
def test_a_hundred_forged_signatures_write_nothing(shop: TextShop, run: Run) -> None:
    check_forged(shop, run, 100)


def check_body(shop: TextShop, run: Run, body: bytes, kind: str) -> None:
    answer = run(shop.post(body, kind=kind))
    assert 400 <= answer.status_code < 500


def check_text(shop: TextShop, run: Run, text: str) -> None:
    before = len(shop.inbox.stored)
    answer = run(shop.post(texted(text)))
    assert answer.status_code == 200
    assert len(shop.inbox.stored) - before in {0, 1}


SHARED = [HealthCheck.function_scoped_fixture]  # rows of earlier examples do no harm: each has its own sid
TEXTS = st.text(st.characters(codec="utf-8"), max_size=300)


@settings(max_examples=50, derandomize=True, deadline=None, suppress_health_check=SHARED)
@given(body=BYTES, kind=st.sampled_from(["sms", "status"]))
def test_generated_bodies_break_nothing(shop: TextShop, run: Run, body: bytes, kind: str) -> None:
    check_body(shop, run, body, kind)
    assert sum(run(shop.counts()).values()) == 0


@settings(max_examples=50, derandomize=True, deadline=None, suppress_health_check=SHARED)
@given(text=TEXTS)
def test_generated_texts_are_stored_whole(shop: TextShop, run: Run, text: str) -> None:
    check_text(shop, run, text)


@pytest.mark.prove
@settings(max_examples=1000, derandomize=True, deadline=None, suppress_health_check=SHARED)
@given(body=BYTES, kind=st.sampled_from(["sms", "status"]))
def test_a_thousand_bodies_break_nothing(shop: TextShop, run: Run, body: bytes, kind: str) -> None:
    check_body(shop, run, body, kind)
    assert sum(run(shop.counts()).values()) == 0


@pytest.mark.prove
@settings(max_examples=1000, derandomize=True, deadline=None, suppress_health_check=SHARED)
@given(text=TEXTS)
def test_a_thousand_texts_are_stored_whole(shop: TextShop, run: Run, text: str) -> None:
    check_text(shop, run, text)


def test_sender_is_written_as_one_number(shop: TextShop, run: Run) -> None:
    run(shop.post(texted("hi", sender="+1 (212) 555-0101", sid=new_sid())))
    run(shop.post(texted("hi again", sender=DANA)))
    assert len({row.conversation_id for row in run(shop.rows(Message))}) == 1
