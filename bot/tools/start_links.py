"""A link by which whoever asks can go on in the business's chat app, where they are not known there yet."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.starts import GOOD_FOR, make_start_link
from billing.principal import Scope
from billing.tables.addresses import Address, AddressLink
from bot.evidence import Fact, FactKind, calculated
from bot.messages import Attachment, AttachmentKind, Channel
from bot.starting import hash_start
from bot.tools.context import ToolContext
from bot.wording import label

APP = Channel.TELEGRAM.value


async def offer_start(context: ToolContext, *, even_if_known: bool = False) -> Attachment | None:
    """A new link; None where nobody is asking, the business has no bot, or they are known by it (unless even then)."""
    who = context.principal
    person = {"contact_id": who.contact_id, "staff_id": who.staff_id}
    address = await context.start_address(context.business.id) if any(person.values()) else None
    if address is None:
        return None
    token = context.links.new_token()

    async def work(session: AsyncSession) -> bool:
        if not even_if_known and await _is_known(session, person):
            return False
        await make_start_link(
            session, business_id=context.business.id, channel=APP, person=person,
            conversation_id=context.conversation_id or None, token_sha256=hash_start(token), now=context.now,
        )  # fmt: skip
        return True

    # Who a link is for is a secret of the system's: no principal reads or writes it.
    made = await context.door.system(Scope.DISPATCH).write(work)
    shown = label(context.language, "open_chat")
    return Attachment(AttachmentKind.LINK, shown, f"{address}{token}", extra={"role": "start"}) if made else None


async def _is_known(session: AsyncSession, person: dict[str, int | None]) -> bool:
    is_contact = person["contact_id"] is not None
    column = AddressLink.contact_id if is_contact else AddressLink.staff_id
    whose = (column == person["contact_id" if is_contact else "staff_id"],)
    linked = select(AddressLink.id).join(Address, Address.id == AddressLink.address_id)
    found = linked.where(*whose, AddressLink.ended_at.is_(None), Address.channel == APP).limit(1)
    return await session.scalar(found) is not None


def days_good() -> Fact:
    """For how many days a link can be used."""
    return calculated("link", "days", FactKind.COUNT, GOOD_FOR.days, what="days a start link is good for")
