"""Inviting somebody to the business's chat app at the command line: a start link, printed and, if wanted, sent."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.changes.addresses import whose
from billing.changes.messages import Outgoing, queue_outgoing
from billing.changes.starts import GOOD_FOR, make_start_link
from billing.principal import Scope
from billing.tables.people import Business
from billing.tables.talk import Author, Conversation
from channels.linking import NotFoundError, Person, find_business, find_somebody
from channels.settings import read_settings
from channels.telegram.starts import StartAddresses

Say = Callable[[str], None]
StartAddress = Callable[[int], Awaitable[str | None]]
APP = "telegram"


@dataclass(frozen=True)
class Invitation:
    """Whom to invite. who: client:KEY or staff:KEY. send: "sms" or "email", "" to print the link only."""

    who: str
    channel: str = APP
    send: str = ""
    business: str = ""


async def carry_out(invitation: Invitation, say: Say) -> int:
    """Make the link, say it, and send it where that is wanted; 1 when it cannot be made."""
    from channels.wiring import build_frontdesk

    frontdesk = build_frontdesk(read_settings(), answers=False)
    addresses = StartAddresses(frontdesk.telegrams.desk)
    try:
        told = await invite(frontdesk.door, invitation, addresses, datetime.now(UTC))
    except NotFoundError as missing:
        say(str(missing))
        return 1
    finally:
        await frontdesk.telegrams.close()
        await frontdesk.close()
    say(told)
    return 0


async def invite(door: Door, invitation: Invitation, start_address: StartAddress, now: datetime) -> str:
    """What to tell. Raises NotFoundError where the person, the bot, or the way to send is not there."""
    if invitation.channel != APP:
        raise NotFoundError(f"Links are made for {APP} only, not for {invitation.channel!r}.")
    token = secrets.token_urlsafe(16)

    async def find(session: AsyncSession) -> tuple[Business, Person]:
        business = await find_business(session, invitation.business)
        return business, await find_somebody(session, business, invitation.who)

    business, person = await door.system(Scope.IDENTITY).read(find)
    address = await start_address(business.id)
    if address is None:
        raise NotFoundError(f"{business.name} has no bot yet: run frontdesk connect telegram.")
    url, point = f"{address}{token}", _point(person, invitation.send)
    await door.system(Scope.DISPATCH).write(
        lambda session: _make(session, business, person, (invitation.send, point), url, token, now)
    )
    sent = f" It is on its way to {point}." if point else ""
    return f"{person.name} can open this link once, within {GOOD_FOR.days} days: {url}{sent}"


def _point(person: Person, send: str) -> str:
    if not send:
        return ""
    if send not in {"sms", "email"}:
        raise NotFoundError(f"A link is sent by sms or email, not by {send!r}.")
    found = person.phone if send == "sms" else person.email
    if not found:
        raise NotFoundError(f"There is no {'phone' if send == 'sms' else 'e-mail address'} of {person.name} on file.")
    return found


async def _make(
    session: AsyncSession, business: Business, person: Person, way: tuple[str, str], url: str, token: str, now: datetime
) -> None:
    from bot.announcements import thread_with
    from bot.starting import hash_start

    send, point = way
    thread = await thread_with(session, business, send, point, now) if send else None
    link = await make_start_link(
        session, business_id=business.id, channel=APP, person=whose(person), token_sha256=hash_start(token), now=now,
        conversation_id=thread.id if thread is not None else None,
    )  # fmt: skip
    if thread is not None:
        await _send(session, business, person, thread, url, f"invite:{link.id}", now)


async def _send(
    session: AsyncSession, business: Business, person: Person, thread: Conversation, url: str, key: str, now: datetime
) -> None:
    from bot.announcements import public_facts, worded
    from bot.evidence import Answer
    from bot.journal import attachment_to_json
    from bot.messages import Attachment, AttachmentKind
    from bot.showing import Reader, reader_locale
    from bot.tools.start_links import days_good
    from bot.wording import label

    reader = Reader(person.language, reader_locale(person.language, person.locale), business.zone, now)
    answer = Answer("start_invite", {"business": public_facts(business), "channel": APP, "days": days_good()})
    text, hung = worded(answer, reader), []
    if thread.channel == "email":  # a letter is its words
        text = f"{text}\n{url}"
    else:
        link = Attachment(AttachmentKind.LINK, label(reader.language, "open_chat"), url, extra={"role": "start"})
        hung = [attachment_to_json(link)]
    outgoing = Outgoing(text, Author.SYSTEM, now, key, language=reader.language, attachments=hung)
    await queue_outgoing(session, thread, outgoing)
