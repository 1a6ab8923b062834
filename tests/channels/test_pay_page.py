"""The page behind a payment link: pressed, previewed, forged, and in every state."""

import asyncio
import logging
import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.tables.bills import Invoice, InvoiceStatus
from billing.tables.payments import PaymentStatus
from channels.pay.desk import tend
from tests.channels.pay_shop import ASKS, DECLINED, GOOD, LATE, opened, proof_of, words_of
from tests.conftest import Run
from tests.fakes.gateway import FakeGateway


def test_paying_ends_with_thanks(run: Run, sqlite_door: Door) -> None:
    async def story() -> None:
        async with opened(sqlite_door) as shop:
            path = await shop.link()
            page = await shop.open(path)
            assert page.status_code == 200
            assert "Harbor & Pine Renovations Invoice INV-1042 $1,840.00" in words_of(page)
            pressed = await shop.press(path)
            assert (pressed.status_code, pressed.headers["location"]) == (303, path)
            assert "Paid, thank you. The receipt is in your chat." in words_of(await shop.open(path))
            (news,) = shop.ears.heard
            assert (news.kind, news.amount_minor, news.left_minor) == ("succeeded", 184_000, 0)

    run(story())


def test_opening_changes_nothing(run: Run, sqlite_door: Door) -> None:
    async def story() -> None:
        async with opened(sqlite_door) as shop:
            path = await shop.link()
            before = await shop.counts()
            for _ in range(3):
                assert (await shop.open(path)).status_code == 200
            shop.clock[0] += timedelta(days=8)
            await shop.open(path)
            assert await shop.counts() == before

    run(story())


def test_page_tells_nothing_of_the_client(run: Run, sqlite_door: Door) -> None:
    async def story() -> None:
        async with opened(sqlite_door) as shop:
            path = await shop.link(contact_id=shop.contact_id)
            for page in (await shop.open(path), await shop.press(path), await shop.open(path)):
                for private in ("Dana", "Kitchen", "Oak", "example.com", "Contact"):
                    assert private not in page.text

    run(story())


def test_pages_keep_to_themselves(run: Run, sqlite_door: Door) -> None:
    async def story() -> None:
        async with opened(sqlite_door) as shop:
            path = await shop.link()
            for page in (await shop.open(path), await shop.open("/pay/nobody")):
                policy = page.headers["content-security-policy"]
                assert "default-src 'none'" in policy
                assert "form-action 'self';" in policy
                assert page.headers["referrer-policy"] == "no-referrer"
                assert "noindex" in page.headers["x-robots-tag"]
                assert page.headers["cache-control"] == "no-store"
                assert "set-cookie" not in page.headers
                assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", page.text)
                assert "<script" not in page.text
                nonce = re.search(r"'nonce-([^']+)'", policy)
                assert nonce
                assert f'<style nonce="{nonce[1]}">' in page.text

    run(story())


@pytest.mark.parametrize("token", ["nobody", "x" * 300, "%00", "..%2f..", "’", "<script>"])
def test_wrong_token_is_kindly_refused(run: Run, sqlite_door: Door, token: str) -> None:
    async def story() -> None:
        async with opened(sqlite_door) as shop:
            before = await shop.counts()
            for page in (
                await shop.open(f"/pay/{token}"),
                await shop.http.post(f"/pay/{token}", data={"proof": "x", "card": GOOD}),
                await shop.http.post(f"/pay/{token}/confirm", data={"answer": "approve"}),
            ):
                assert page.status_code == 404
            if "%" not in token:
                assert "We can't find this link." in words_of(await shop.open(f"/pay/{token}"))
            assert await shop.counts() == before

    run(story())


def test_double_press_makes_one_payment(run: Run, sqlite_door: Door) -> None:
    async def story() -> None:
        async with opened(sqlite_door) as shop:
            path = await shop.link()
            proof = proof_of(await shop.open(path))
            presses = await asyncio.gather(*(shop.press(path, proof=proof) for _ in range(4)))
            assert {press.status_code for press in presses} == {303}
            assert await shop.payments() == [PaymentStatus.SUCCEEDED]
            assert shop.ears.kinds == ["succeeded"]

    run(story())


def test_two_tabs_make_one_payment(run: Run, sqlite_door: Door) -> None:
    async def story() -> None:
        async with opened(sqlite_door) as shop:
            path = await shop.link(50_000)
            proofs = [proof_of(await shop.open(path)) for _ in range(3)]
            await asyncio.gather(*(shop.press(path, proof=proof) for proof in proofs))
            assert await shop.payments() == [PaymentStatus.SUCCEEDED]
            assert shop.ears.heard[0].left_minor == 134_000

    run(story())


def test_older_link_is_refused_when_pressed(run: Run, sqlite_door: Door) -> None:
    async def story() -> None:
        async with opened(sqlite_door) as shop:
            older = await shop.link()
            proof = proof_of(await shop.open(older))
            newer = await shop.link()
            await asyncio.gather(shop.press(older, proof=proof), shop.press(newer))
            assert await shop.payments() == [PaymentStatus.SUCCEEDED]
            assert "Nothing is due any more." in words_of(await shop.open(older))

    run(story())


def test_replaced_and_expired_links_say_so(run: Run, sqlite_door: Door) -> None:
    async def story() -> None:
        async with opened(sqlite_door) as shop:
            older, newer = await shop.link(), await shop.link()
            assert "There is a newer link." in words_of(await shop.open(older))
            shop.clock[0] += timedelta(days=7)
            assert "This link has expired." in words_of(await shop.open(newer))

    run(story())


def test_declined_card_may_be_changed(run: Run, sqlite_door: Door) -> None:
    async def story() -> None:
        async with opened(sqlite_door) as shop:
            path = await shop.link()
            proof = proof_of(await shop.open(path))
            for _ in range(2):
                declined = await shop.press(path, DECLINED, proof)
                assert declined.status_code == 402
                assert "The card was declined, and nothing was taken." in words_of(declined)
            assert await shop.payments() == [PaymentStatus.FAILED]
            assert (await shop.press(path, GOOD, proof_of(declined))).status_code == 303
            assert await shop.payments() == [PaymentStatus.FAILED, PaymentStatus.SUCCEEDED]

    run(story())


@pytest.mark.parametrize(("answer", "kind"), [("approve", "succeeded"), ("refuse", "failed")])
def test_bank_asks_before_it_pays(run: Run, sqlite_door: Door, answer: str, kind: str) -> None:
    async def story() -> None:
        async with opened(sqlite_door) as shop:
            path = await shop.link()
            assert (await shop.press(path, ASKS)).status_code == 303
            assert "Your bank asks: is this you?" in words_of(await shop.open(path))
            assert (await shop.answer(path, "perhaps")).status_code == 303
            assert shop.ears.kinds == []
            answered = await shop.answer(path, answer)
            assert answered.status_code == (303 if kind == "succeeded" else 402)
            assert shop.ears.kinds == [kind]

    run(story())


def test_bank_believes_only_its_own_form(run: Run, sqlite_door: Door) -> None:
    async def story() -> None:
        async with opened(sqlite_door) as shop:
            path = await shop.link()
            pay_proof = proof_of(await shop.open(path))
            await shop.press(path, ASKS, pay_proof)
            for proof in ("", "a.1.2.b", pay_proof):
                await shop.http.post(f"{path}/confirm", data={"proof": proof, "answer": "approve"})
            assert shop.ears.kinds == []
            assert await shop.payments() == [PaymentStatus.PROCESSING]

    run(story())


def test_late_card_is_on_its_way(run: Run, sqlite_door: Door) -> None:
    async def story() -> None:
        async with opened(sqlite_door) as shop:
            path = await shop.link()
            await shop.press(path, LATE)
            assert "Your payment is on its way." in words_of(await shop.open(path))
            shop.clock[0] += timedelta(seconds=9)
            await tend(shop.desk)
            await tend(shop.desk)
            assert "Paid, thank you." in words_of(await shop.open(path))
            assert shop.ears.kinds == ["processing", "succeeded"]

    run(story())


def test_real_cards_are_refused_and_forgotten(run: Run, sqlite_door: Door, caplog: pytest.LogCaptureFixture) -> None:
    card = "4111 1111 1111 1111"

    async def story() -> None:
        async with opened(sqlite_door) as shop:
            path = await shop.link()
            before = await shop.counts()
            refused = await shop.press(path, card)
            assert refused.status_code == 422
            assert "This is a sandbox: use a test card." in words_of(refused)
            assert card not in refused.text
            assert await shop.counts() == before
            await shop.press(path, DECLINED)
            await shop.press(path, GOOD)

    with caplog.at_level(logging.DEBUG):
        run(story())
    stored = b"".join(part.read_bytes() for part in database_files(sqlite_door))
    for number in (card, card.replace(" ", ""), GOOD, GOOD.replace(" ", ""), DECLINED):
        assert number not in caplog.text
        assert number.encode() not in stored


def database_files(door: Door) -> list[Path]:
    """The database's file and the log beside it."""
    main = Path(str(door.engines.writing.engine.url.database))
    return [part for part in main.parent.iterdir() if part.name.startswith(main.name)]


def test_forged_forms_take_nothing(run: Run, sqlite_door: Door) -> None:
    async def story() -> None:
        async with opened(sqlite_door) as shop:
            other, path = await shop.link(), await shop.link(50_000)
            good = proof_of(await shop.open(path))
            seed, _, stamp, mac = good.split(".")
            before = await shop.counts()
            for forged in ("none", f"{seed}.1.{stamp}.{mac}", good[:-1] + "_", "é", "...", good + "x" * 5000):
                refused = await shop.press(path, proof=forged)
                assert refused.status_code == 403
            wrong_link = await shop.http.post(other, data={"proof": good, "card": GOOD})
            assert wrong_link.status_code in {200, 403}
            assert await shop.counts() == before

    run(story())


def test_old_form_is_shown_anew(run: Run, sqlite_door: Door) -> None:
    async def story() -> None:
        async with opened(sqlite_door) as shop:
            path = await shop.link()
            proof = proof_of(await shop.open(path))
            shop.clock[0] += timedelta(hours=3)
            again = await shop.press(path, proof=proof)
            assert again.status_code == 403
            assert "This page was open for a while." in words_of(again)
            assert (await shop.press(path, proof=proof_of(again))).status_code == 303

    run(story())


def test_changed_amount_is_shown_first(run: Run, sqlite_door: Door) -> None:
    async def story() -> None:
        async with opened(sqlite_door) as shop:
            path = await shop.link()
            proof = proof_of(await shop.open(path))
            await shop.write(lambda session: halve(session, shop.invoice_id))
            changed = await shop.press(path, proof=proof)
            assert changed.status_code == 409
            assert "$920.00 The amount has changed" in words_of(changed)
            assert await shop.payments() == []

    run(story())


async def halve(session: AsyncSession, invoice_id: int) -> None:
    invoice = (await session.scalars(select(Invoice).where(Invoice.id == invoice_id))).one()
    invoice.total_minor = invoice.subtotal_minor = invoice.balance_minor = 92_000


def test_part_says_the_rest_stays(run: Run, sqlite_door: Door) -> None:
    async def story() -> None:
        async with opened(sqlite_door) as shop:
            page = words_of(await shop.open(await shop.link(92_000)))
            assert "$920.00 Part of the invoice. The rest stays due." in page
            assert "1,840" not in page

    run(story())


def test_void_invoice_has_nothing_due(run: Run, sqlite_door: Door) -> None:
    async def void(session: AsyncSession) -> None:
        (await session.scalars(select(Invoice))).one().status = InvoiceStatus.VOID

    async def story() -> None:
        async with opened(sqlite_door) as shop:
            path = await shop.link()
            await shop.write(void)
            assert "There is nothing left to pay on INV-1042." in words_of(await shop.open(path))

    run(story())


def test_page_speaks_the_payers_language(run: Run, sqlite_door: Door) -> None:
    async def story() -> None:
        async with opened(sqlite_door, locale="fr_FR", currency="EUR") as shop:
            page = await shop.open(await shop.link(contact_id=shop.contact_id), accept_language="es")
            assert "1.840,00 € zahlen" in words_of(page).replace("\xa0", " ")
            assert '<html lang="de">' in page.text
            page = await shop.open(await shop.link(), accept_language="es")
            assert "Facture INV-1042" in words_of(page)
            unknown = await shop.open("/pay/nobody", accept_language="xx, es;q=0.9, de;q=0.8")
            assert "No encontramos este enlace." in words_of(unknown)

    run(story())


def test_provider_with_its_own_page_is_visited(run: Run, sqlite_door: Door) -> None:
    async def story() -> None:
        fake = FakeGateway(deliver=lambda body, signature: asyncio.sleep(0))
        async with opened(sqlite_door, fake=fake) as shop:
            path = await shop.link()
            page = await shop.open(path)
            assert 'name="card"' not in page.text
            assert "form-action 'self' https://pay.example.com;" in page.headers["content-security-policy"]
            pressed = await shop.http.post(path, data={"proof": proof_of(page)})
            assert pressed.headers["location"].startswith("https://pay.example.com/fake_")
            assert await shop.payments() == [PaymentStatus.PROCESSING]

    run(story())
