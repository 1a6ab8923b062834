"""Messages from staff to a client: whom they reach, what is shown before yes, and putting them into the outbox."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.links import NothingDueError
from billing.changes.threads import NotReachableError, queue_to_client
from billing.records.threads import Recipient, recipient_of
from billing.tables.people import Client, Contact, Staff
from billing.tables.talk import Message
from bot.evidence import Answer, Fact
from bot.journal import attachment_to_json
from bot.messages import Attachment
from bot.tools import facts
from bot.tools.clients import client_mention, contact_name, name_of
from bot.tools.context import ToolContext
from bot.tools.facts import Data
from bot.tools.outgoing import text_fact


@dataclass(frozen=True)
class Addressed:
    """Who a message goes to, how, and who writes it: settled before anything is written."""

    client: Client
    recipient: Recipient
    staff: Staff | None


async def addressed_to(context: ToolContext, client: Client) -> Addressed | Answer:
    """Who at the client is written to, or the answer that says why nobody can be."""

    async def read(session: AsyncSession) -> tuple[Recipient | None, Staff | None]:
        staff_id = context.principal.staff_id
        found = await recipient_of(session, client.id, now=context.now)
        return found, await session.get(Staff, staff_id) if staff_id else None

    recipient, staff = await context.records.read(read)
    if recipient is None or recipient.opted_out:
        return cannot_write(client, recipient)
    return Addressed(client, recipient, staff)


def cannot_write(client: Client, recipient: Recipient | None) -> Answer:
    """Nobody speaks for the client, or the contact asked for no messages."""
    data = {
        "client": name_of(client),
        "contact": contact_name(recipient.contact) if recipient else "",
        "channel": recipient.channel if recipient else "",
    }
    return Answer("cannot_write", data, mentions=(client_mention(client),), error=True)


def signed(context: ToolContext, to: Addressed) -> Data:
    """Who the message is from."""
    return {"business": facts.business_facts(context), "staff": facts.person_facts(to.staff)}


def first_name(contact: Contact) -> Fact:
    """What the contact is greeted by."""
    return replace(contact_name(contact), name="first", value=contact.name.split()[0])


def shown_before_yes(to: Addressed, text: str, words: Answer | None = None) -> Data:
    """Whom it reaches and the whole text: the facts every proposal to write to a client shows."""
    inputs = tuple(fact.handle for fact in words.facts()) if words else ()
    return {
        "client": name_of(to.client),
        "contact": contact_name(to.recipient.contact),
        "channel": to.recipient.channel,
        "text": text_fact(text, inputs),
    }


def proposal_of(action: str, arguments: Mapping[str, Any], subject: str, client: Client) -> Mapping[str, Any]:
    """What is kept until yes: all that carrying out needs, resolved."""
    return {"action": action, "arguments": dict(arguments), "subject": subject, "client_id": client.id}


async def queue(
    session: AsyncSession,
    context: ToolContext,
    arguments: Mapping[str, Any],
    attachments: tuple[Attachment, ...] = (),
) -> Message:
    """Put the text that was shown into the client's thread, once a call; NotReachableError."""
    contact = await session.get_one(Contact, int(arguments["contact_id"]))
    return await queue_to_client(
        session,
        client_id=int(arguments["client_id"]),
        contact_id=contact.id,
        text=str(arguments["text"]),
        staff_id=context.principal.staff_id,
        now=context.now,
        idempotency_key=context.key,
        language=contact.language,
        attachments=[attachment_to_json(attachment) for attachment in attachments],
    )


async def sent_or_refused(
    context: ToolContext, arguments: Mapping[str, Any], work: Callable[[AsyncSession], Awaitable[Message | None]]
) -> Answer:
    """Run `work` in one transaction and say what went out, or why nothing did."""
    client_id, contact_id = int(arguments["client_id"]), int(arguments["contact_id"])
    try:
        message = await context.records.write(work)
    except NothingDueError:
        message = None
    except NotReachableError:
        client, recipient = await context.records.read(_reload(context, client_id, contact_id))
        return cannot_write(client, recipient)
    client, recipient = await context.records.read(_reload(context, client_id, contact_id))
    mentions = (client_mention(client),)
    if message is None or recipient is None:
        return Answer("proposal_outdated", {"client": name_of(client)}, mentions=mentions, error=True)
    data = {**shown_before_yes(Addressed(client, recipient, None), message.text), "holds": False}
    return Answer("sent_to_client", data, mentions=mentions)


def _reload(context: ToolContext, client_id: int, contact_id: int) -> Any:
    async def read(session: AsyncSession) -> tuple[Client, Recipient | None]:
        client = await session.get_one(Client, client_id)
        return client, await recipient_of(session, client_id, contact_id, now=context.now)

    return read
