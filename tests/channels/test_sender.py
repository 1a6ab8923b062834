"""Tests of the sender: order, retries, refusals, and each window in which a message can go out twice."""

import asyncio
from collections import deque
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.outbox import BLOCKED, HOLD, MAX_HANDOVERS, WITHHELD, Handover, HandoverLostError
from billing.changes.threads import take
from billing.principal import Scope
from billing.tables.addresses import Address, Consent
from billing.tables.talk import Author, Conversation, Delivery, Direction, Message
from channels.outgoing import RefusedError, Sent, ToSend, TryLaterError
from channels.sender import LONGEST_REST, rest_after
from tests.conftest import Run
from tests.fakes.desk_at_work import DeskAtWork
from tests.fakes.texting import TEXTS, Texting, phone_thread, queue, row_of, sender_of


class PowerCutError(BaseException):
    """The process ends here: nothing after it runs."""


async def take_client(desk: DeskAtWork, thread: int) -> None:
    async def work(session: AsyncSession) -> None:
        row = await session.get_one(Conversation, thread)
        staff_id = 1
        assert row.client_id is not None
        await take(session, row.client_id, staff_id, desk.now)

    await desk.door.system(Scope.DISPATCH).write(work)


def test_queued_message_is_handed_over_once(any_desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        texting, thread = Texting(), await phone_thread(any_desk)
        message = await queue(any_desk, thread, "Your payment arrived.")
        sender = sender_of(any_desk, texting)
        await sender.send()
        await sender.send()
        row = await row_of(any_desk, message)
        assert texting.texts == ["Your payment arrived."]
        assert (row.delivery, row.provider_id, row.parts, row.attempts) == (Delivery.SENT, f"SM{message}-1", 1, 1)
        assert row.sent_at == any_desk.now
        assert row.sending_by == ""

    run(story())


def test_later_message_waits_for_the_earlier(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        texting, thread = Texting(deque([TryLaterError("busy", after=60)])), await phone_thread(desk)
        other = await phone_thread(desk, "amara-okafor")
        first = await queue(desk, thread, "one")
        await queue(desk, thread, "two")
        sender = sender_of(desk, texting)
        await sender.send()
        await queue(desk, other, "elsewhere")
        desk.later(seconds=59)
        await sender.send()
        assert texting.texts == ["elsewhere"]
        assert "busy" in (await row_of(desk, first)).error
        desk.later(seconds=1)
        await sender.send()
        assert texting.texts == ["elsewhere", "one", "two"]

    run(story())


def test_message_nobody_takes_is_parked_and_the_next_goes(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        texting = Texting(deque([TryLaterError("down")] * MAX_HANDOVERS))
        thread = await phone_thread(desk)
        first = await queue(desk, thread, "one")
        second = await queue(desk, thread, "two")
        sender = sender_of(desk, texting)
        for attempt in range(1, MAX_HANDOVERS + 1):
            await sender.send()
            desk.now += rest_after(attempt, 0.5)
        row = await row_of(desk, first)
        assert row.delivery is Delivery.PARKED
        assert "down" in row.error
        assert (await row_of(desk, second)).delivery is Delivery.SENT
        assert texting.texts == ["two"]

    run(story())


def test_old_message_is_parked_not_sent_late(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        texting, thread = Texting(deque([TryLaterError("down", after=25 * 3600)])), await phone_thread(desk)
        message = await queue(desk, thread, "one")
        await sender_of(desk, texting).send()
        assert (await row_of(desk, message)).delivery is Delivery.PARKED

    run(story())


def test_refusal_blocks_the_address_until_they_write(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        texting = Texting(deque([RefusedError("30005", "unknown handset", blocks_address=True)]))
        thread = await phone_thread(desk)
        first = await queue(desk, thread, "one")
        second = await queue(desk, thread, "two")
        sender = sender_of(desk, texting)
        await sender.send()
        rows = [await row_of(desk, each) for each in (first, second)]
        assert [row.delivery for row in rows] == [Delivery.FAILED] * 2
        assert [row.error for row in rows] == ["30005: unknown handset", BLOCKED]
        assert texting.texts == []
        await unblock(desk, thread)
        await queue(desk, thread, "three")
        await sender.send()
        assert texting.texts == ["three"]

    run(story())


async def unblock(desk: DeskAtWork, thread: int) -> None:
    async def work(session: AsyncSession) -> None:
        address = (await session.get_one(Conversation, thread)).address
        row = (await session.scalars(select(Address).where(Address.address == address))).one()
        assert row.blocked_for == "30005"
        row.blocked_at = None

    await desk.door.system(Scope.INTAKE).write(work)


def test_provider_opt_out_withdraws_consent(any_desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        desk = any_desk
        texting = Texting(deque([RefusedError("21610", "unsubscribed", blocks_address=True, opted_out=True)]))
        thread = await phone_thread(desk)
        await queue(desk, thread, "one")
        await sender_of(desk, texting).send()

        async def last(session: AsyncSession) -> Consent:
            found = (await session.scalars(select(Consent).order_by(Consent.id.desc()).limit(1))).one()
            contact = (await session.get_one(Conversation, thread)).contact_id
            assert found.contact_id == contact
            return found

        consent = await desk.door.system(Scope.DOCTOR).read(last)
        assert (consent.is_given, consent.source, consent.channel, consent.wording) == (
            False, "provider", "sms", "21610",
        )  # fmt: skip

    run(story())


def test_reply_withheld_when_a_person_took_over(any_desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        desk, texting = any_desk, Texting()
        thread = await phone_thread(desk)
        reply = await queue(desk, thread, "the assistant's", Author.ASSISTANT)
        own = await queue(desk, thread, "the person's", Author.STAFF)
        await take_client(desk, thread)
        await sender_of(desk, texting).send()
        assert texting.texts == ["the person's"]
        row = await row_of(desk, reply)
        assert (row.delivery, row.error) == (Delivery.PARKED, WITHHELD)
        assert (await row_of(desk, own)).delivery is Delivery.SENT

    run(story())


def test_connection_without_gateway_waits_untouched(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        thread = await phone_thread(desk)
        message = await queue(desk, thread, "one")
        sender = sender_of(desk, Texting())
        sender.gateway_of = lambda _: None
        await sender.send()
        row = await row_of(desk, message)
        assert (row.delivery, row.attempts, row.connection) == (Delivery.QUEUED, 0, TEXTS)

    run(story())


# The windows in which a message can go out twice, each with how often it does.


def test_window_died_before_the_provider_repeats_nothing(desk: DeskAtWork, run: Run) -> None:
    assert run(sends_after_death(desk, Texting(before=cut), lists=True)) == 1


def test_window_died_after_the_provider_repeats_nothing_that_is_listed(desk: DeskAtWork, run: Run) -> None:
    assert run(sends_after_death(desk, Texting(after=deque([PowerCutError()])), lists=True)) == 1


def test_window_died_after_the_provider_repeats_once_when_unlisted(desk: DeskAtWork, run: Run) -> None:
    assert run(sends_after_death(desk, Texting(after=deque([PowerCutError()])), lists=False)) == 2


def cut() -> None:
    raise PowerCutError


async def sends_after_death(desk: DeskAtWork, texting: Texting, *, lists: bool) -> int:
    """How often the provider took a message whose sender died while handing it over."""
    thread = await phone_thread(desk)
    message = await queue(desk, thread, "one")
    with pytest.raises(PowerCutError):
        await sender_of(desk, texting, "elsewhere/1/dead").hand_over_one(thread)
    texting.before, texting.lists = (lambda: None), lists
    again = sender_of(desk, texting)
    await again.send()
    assert (await row_of(desk, message)).delivery is Delivery.QUEUED  # still the dead one's, for all we know
    desk.now += HOLD
    await again.send()
    assert (await row_of(desk, message)).delivery is Delivery.SENT
    return len(texting.taken)


def test_window_frozen_before_the_call_sends_nothing_late(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        texting, thread = Texting(), await phone_thread(desk)
        await queue(desk, thread, "one")
        slow = sender_of(desk, texting, "elsewhere/1/slow")
        taken = await slow._take(thread)
        desk.now += HOLD
        await sender_of(desk, texting).send()
        assert texting.texts == ["one"]
        assert isinstance(taken, Handover)
        with pytest.raises(HandoverLostError):  # thaws where it was frozen
            await slow._hand_over(texting, taken)
        assert texting.texts == ["one"]

    run(story())


def test_window_frozen_inside_the_call_repeats_once(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        texting, thread = Texting(), await phone_thread(desk)
        message = await queue(desk, thread, "one")
        loop_thawed, frozen = asyncio.Event(), asyncio.Event()
        slow_texting = Slow(texting, frozen, loop_thawed)
        slow = sender_of(desk, texting, "elsewhere/1/slow")
        slow.gateway_of = lambda _: slow_texting
        running = asyncio.ensure_future(slow.hand_over_one(thread))
        await frozen.wait()
        desk.now += HOLD
        await sender_of(desk, texting).send()
        first = (await row_of(desk, message)).provider_id
        loop_thawed.set()
        assert not await running
        assert texting.texts == ["one", "one"]
        assert (await row_of(desk, message)).provider_id == first

    run(story())


class Slow(Texting):
    """Freezes inside the call until it is thawed, then hands it on."""

    def __init__(self, inner: Texting, frozen: asyncio.Event, thawed: asyncio.Event) -> None:
        super().__init__()
        self.inner, self.frozen, self.thawed = inner, frozen, thawed

    async def send(self, message: ToSend) -> Sent:
        self.frozen.set()
        await self.thawed.wait()
        return await self.inner.send(message)


def test_news_of_delivery_that_comes_first_stands(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        texting, thread = Texting(), await phone_thread(desk)
        message = await queue(desk, thread, "one")

        async def delivered(session: AsyncSession) -> None:
            (await session.get_one(Message, message)).delivery = Delivery.DELIVERED

        sender = sender_of(desk, texting)
        taken = await sender._take(thread)
        await desk.door.system(Scope.SEND).write(delivered)
        assert isinstance(taken, Handover)
        await sender._hand_over(texting, taken)
        row = await row_of(desk, message)
        assert (row.delivery, row.provider_id) == (Delivery.DELIVERED, f"SM{message}-1")

    run(story())


def test_web_replies_need_no_gateway(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        await desk.ask("client:dana-lee", "what do I owe?")
        await sender_of(desk, Texting()).send()
        thread = await desk.thread("client:dana-lee")
        out = [each for each in await desk.messages(thread) if each.direction is Direction.OUT]
        assert {each.delivery for each in out} == {Delivery.SENT}

    run(story())


@given(attempt=st.integers(1, 12), chance=st.floats(0, 1), asked=st.none() | st.floats(0, 10_000))
@settings(derandomize=True, max_examples=100)
def test_rests_grow_within_limits(attempt: int, chance: float, asked: float | None) -> None:
    rest = rest_after(attempt, chance, asked)
    assert rest >= timedelta(seconds=asked or 0)
    assert timedelta(seconds=2.5) <= rest <= timedelta(seconds=max(LONGEST_REST * 1.5, asked or 0))
