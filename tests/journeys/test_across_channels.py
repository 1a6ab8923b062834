"""Across the channels: asked by text, paid on the web, receipt where the link was sent, staff from a chat app."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Scope
from billing.tables.talk import Conversation
from tests.conftest import Run
from tests.fakes.chats import Chats
from tests.fakes.desk_at_work import DeskAtWork
from tests.fakes.paying import pay_link
from tests.fakes.texts_in import text

PRIYAS, DANAS, DANA, PRIYA = "700001", "700002", "+12125550101", "+12125550141"


def test_bill_is_settled_across_channels(desk: DeskAtWork, run: Run) -> None:
    chats = Chats(desk)

    async def story() -> None:
        await chats.share(PRIYAS, PRIYA)
        await chats.share(DANAS, DANA)
        explained = await text(desk, DANA, "what is INV-1042 for?")
        assert "INV-1042" in explained.text
        sent = await text(desk, DANA, "send me the link to pay it")
        (link,) = [each["value"] for each in sent.attachments if each["kind"] == "link"]
        await chats.ask(DANAS, "thanks")  # she goes on elsewhere; the receipt comes where the link was sent
        assert (await pay_link(desk, link)).status_code == 303
        await chats.sender.send()
        receipt = chats.box.texts[-1]
        assert receipt.address == DANA
        assert receipt.text.startswith("We received")
        asked = await chats.ask(DANAS, "I want to talk to Priya")
        assert "hand_to_person" in asked.tools
        await chats.sender.send()
        alert = [each for each in chats.sent.taken if each.address == PRIYAS][-1]
        place = f"{PRIYAS}:{chats.sent.taken.index(alert) + 1}"
        await chats.ask(PRIYAS, "Hello Dana, the doors come on Monday.", reply_to=place)
        await chats.sender.send()
        last = chats.sent.taken[-1]
        assert (last.address, last.text) == (DANAS, "Hello Dana, the doors come on Monday.")
        assert await holders(desk, DANA, DANAS) == {True}  # she is Priya's on every channel now
        assert (await text(desk, DANA, "what do I owe?")).text == ""
        await chats.sender.send()
        assert "what do I owe?" in [each.text for each in chats.sent.taken if each.address == PRIYAS][-1]

    run(story())


async def holders(desk: DeskAtWork, *keys: str) -> set[bool]:
    async def work(session: AsyncSession) -> set[bool]:
        found = await session.scalars(select(Conversation.holder_id).where(Conversation.key.in_(keys)))
        return {holder is not None for holder in found}

    return await desk.door.system(Scope.DOCTOR).read(work)
