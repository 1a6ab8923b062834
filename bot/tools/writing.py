"""What staff send to clients and enter for them: payment links, messages, payments received. All proposals."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.links import create_link
from billing.changes.payments import record_manual_payment
from billing.changes.threads import find_sent, hold_where_free
from billing.ledger import InvoiceClosedError, payable
from billing.money import Money, format_money
from billing.records.invoices import find_invoice
from billing.tables.bills import Invoice
from billing.tables.payments import Payment, PaymentMethod
from billing.tables.people import Client, Contact
from billing.tables.talk import Message
from bot.evidence import Answer
from bot.messages import Attachment, AttachmentKind
from bot.showing import plain_words, reader_locale
from bot.tools import facts
from bot.tools.addressing import (
    Addressed,
    addressed_to,
    first_name,
    proposal_of,
    queue,
    sent_or_refused,
    shown_before_yes,
    signed,
)
from bot.tools.amounts import UnclearAmountError, parse_amount
from bot.tools.clients import client_mention, name_of, resolve_client, resolve_or_spot
from bot.tools.context import ToolContext
from bot.tools.facts import Data
from bot.tools.invoices import resolve_invoice
from bot.tools.naming import bare
from bot.tools.outgoing import outgoing_text
from bot.wording import label

LONGEST = 1500
METHODS = {
    PaymentMethod.CASH: re.compile(r"\b(cash|efectivo|metalico|especes|liquide|bar|barzahlung|dinheiro|contanti)\b"),
    PaymentMethod.CHECK: re.compile(r"\b(check|cheque|checks|cheques|scheck|assegno)\b"),
    PaymentMethod.TRANSFER: re.compile(
        r"\b(transfer|transferred|wire|wired|bank|ach|zelle|transferencia|virement|uberweisung|uberwiesen|"
        r"bonifico|pix)\b"
    ),
    PaymentMethod.CARD: re.compile(r"\b(card|terminal|tarjeta|carte|karte|cartao|carta)\b"),
}


async def plan_propose_payment_link(
    context: ToolContext, client: str = "", invoice: str = "", amount: str = ""
) -> Answer:
    """Propose to send a client a link to pay an invoice; it goes out only on the person's yes.

    client: whom ("them", "okafor"). invoice: which bill, when the client has several. amount: "half", "500";
    empty for all that is payable.
    """
    numbered = any(character.isdigit() for character in invoice)
    owner = await resolve_client(context, invoice if numbered and not client.strip() else client)
    if isinstance(owner, Answer):
        return owner
    bill = await _bill_of(context, owner, invoice, phrase="say_send_link")
    if isinstance(bill, Answer):
        return bill
    left = await context.records.read(lambda session: payable(session, bill))
    if left <= 0:
        return _not_needed(context, owner, bill, left)
    try:
        named = parse_amount(amount, left, bill.currency).minor
    except UnclearAmountError:
        return _amount_unclear(context, bill, left)
    addressed = await addressed_to(context, owner)
    return addressed if isinstance(addressed, Answer) else _link_proposal(context, addressed, bill, left, named)


async def _bill_of(context: ToolContext, client: Client, invoice: str, *, phrase: str) -> Invoice | Answer:
    narrowed = context.narrowed(client.id)
    newest = context.mentions[:1]
    if not invoice.strip() and not (newest and newest[0].kind == "invoice"):
        # "Send them a link" after an overview means the client: with several open invoices it is asked which.
        narrowed = replace(narrowed, mentions=())
    found = await resolve_invoice(narrowed, invoice, phrase=phrase, owing_first=True)
    if isinstance(found, Answer) and found.kind == "nothing":
        data = {"client": name_of(client), "there": found.data["there"]}
        return Answer("bill_unknown", data, mentions=(client_mention(client),), error=True)
    return found


def _not_needed(context: ToolContext, client: Client, invoice: Invoice, left: int) -> Answer:
    """Nothing can be asked for: the invoice is settled, or money for it is on its way."""
    number = invoice.number
    on_its_way = max(0, invoice.balance_minor - left)
    data = {
        "client": name_of(client),
        "invoice": facts.invoice_facts(context, invoice),
        "processing": facts.amount(number, "processing", on_its_way, invoice.currency, "payments not yet settled"),
    }
    mentions = (client_mention(client), facts.mention_invoice(invoice))
    return Answer("link_not_needed", data, mentions=mentions, error=True)


def _amount_unclear(context: ToolContext, invoice: Invoice, left: int) -> Answer:
    due = facts.amount(
        invoice.number, "payable", left, invoice.currency, "balance less payments being processed",
        f"{invoice.number}.balance",
    )  # fmt: skip
    return Answer("amount_needed", {"invoice": facts.invoice_facts(context, invoice), "payable": due}, error=True)


def _link_proposal(context: ToolContext, to: Addressed, invoice: Invoice, left: int, named: int | None) -> Answer:
    number, contact = invoice.number, to.recipient.contact
    asked = None if named is None or named >= left else named
    shown = _link_facts(context, invoice, left, asked)
    words = Answer("outgoing_payment_link", {"contact": first_name(contact), **signed(context, to), **shown})
    text = outgoing_text(words, contact.language, contact.locale, context.business.zone, context.now)
    data = {
        **shown_before_yes(to, text, words),
        **shown,
        "named": facts.amount(number, "named", named, invoice.currency, "the amount the person named")
        if named and named > left
        else "",
    }
    arguments = {
        "client_id": to.client.id, "contact_id": contact.id, "invoice_id": invoice.id, "asked_minor": asked,
        "payable_minor": left, "text": text,
    }  # fmt: skip
    return Answer(
        "proposal_propose_payment_link",
        data,
        mentions=(client_mention(to.client), facts.mention_invoice(invoice)),
        proposal=proposal_of("propose_payment_link", arguments, number, to.client),
    )


def _link_facts(context: ToolContext, invoice: Invoice, left: int, asked: int | None) -> Data:
    number, currency, amount = invoice.number, invoice.currency, left if asked is None else asked
    inputs = (f"{number}.balance",)
    return {
        **facts.invoice_facts(context, invoice),
        "amount": facts.amount(number, "amount", amount, currency, "lesser of asked and payable", *inputs),
        "rest": facts.amount(number, "rest", left - amount, currency, "payable less this amount", *inputs),
        "is_part": amount < left,
    }


async def carry_out_propose_payment_link(context: ToolContext, arguments: Mapping[str, Any]) -> Answer:
    """Send the link as it was shown; when what is payable has changed since, nothing is sent."""
    token = context.links.new_token()

    async def work(session: AsyncSession) -> Message | None:
        known = await find_sent(session, context.key)
        if known is not None:
            return known
        invoice = await find_invoice(session, int(arguments["invoice_id"]))
        if invoice is None or await payable(session, invoice) != arguments["payable_minor"]:
            return None
        contact = await session.get_one(Contact, int(arguments["contact_id"]))
        message = await queue(session, context, arguments, (_pay_link(context, invoice, arguments, contact, token),))
        await create_link(
            session,
            invoice_id=invoice.id,
            asked_minor=arguments["asked_minor"],
            token_sha256=context.links.hash_token(token),
            now=context.now,
            conversation_id=message.conversation_id,
            contact_id=contact.id,
            idempotency_key=context.key,
        )
        return message

    return await sent_or_refused(context, arguments, work)


def _pay_link(
    context: ToolContext, invoice: Invoice, arguments: Mapping[str, Any], contact: Contact, token: str
) -> Attachment:
    """The link under the message, its label written out in the contact's language."""
    minor = arguments["asked_minor"] or arguments["payable_minor"]
    locale = reader_locale(contact.language, contact.locale)
    shown = format_money(Money(minor, invoice.currency), locale)
    text = label(contact.language, "pay_amount", amount=shown)
    return Attachment(AttachmentKind.LINK, text, context.links.pay_url(token), extra={"role": "pay"})


async def plan_propose_message(context: ToolContext, client: str = "", text: str = "") -> Answer:
    """Propose to send a client a message; it goes out, word for word, only on the person's yes.

    client: whom ("them", "okafor"). text: what it shall say.
    """
    owner = await resolve_client(context, client)
    if isinstance(owner, Answer):
        return owner
    words = plain_words(text).strip(" :\"'“”«»\n")[:LONGEST]
    if not words:
        return Answer(
            "text_missing", {"noun": "message", "client": name_of(owner)}, (), (client_mention(owner),), error=True
        )
    addressed = await addressed_to(context, owner)
    if isinstance(addressed, Answer):
        return addressed
    arguments = {"client_id": owner.id, "contact_id": addressed.recipient.contact.id, "text": words}
    return Answer(
        "proposal_propose_message",
        shown_before_yes(addressed, words),
        mentions=(client_mention(owner),),
        proposal=proposal_of("propose_message", arguments, owner.name, owner),
    )


async def carry_out_propose_message(context: ToolContext, arguments: Mapping[str, Any]) -> Answer:
    """Send the message as it was shown. Who writes to a client has the conversation from then on."""

    async def work(session: AsyncSession) -> Message:
        message = await queue(session, context, arguments)
        if context.principal.staff_id is not None:
            await hold_where_free(session, message, context.principal.staff_id, context.now)
        return message

    answer = await sent_or_refused(context, arguments, work)
    return replace(answer, data={**answer.data, "holds": True}) if answer.kind == "sent_to_client" else answer


async def plan_record_payment(context: ToolContext, invoice: str = "", amount: str = "", method: str = "") -> Answer:
    """Propose to enter money that came otherwise than by a link; it is entered only on the person's yes.

    invoice: which bill ("1042", "okafor's"). amount: "500", "half"; empty for all that is open.
    method: cash, check, transfer or card.
    """
    owner = await resolve_or_spot(context, invoice)
    if isinstance(owner, Answer):
        return owner
    bill = await _bill_of(context, owner, invoice, phrase="say_record")
    if isinstance(bill, Answer) and bill.kind == "bill_unknown" and not any(map(str.isdigit, invoice)):
        # The words named the client ("okafor's"), not the bill.
        bill = await _bill_of(context, owner, "", phrase="say_record")
    if isinstance(bill, Answer):
        return bill
    try:
        minor = parse_amount(amount, bill.balance_minor, bill.currency).minor or bill.balance_minor
    except UnclearAmountError:
        return _amount_unclear(context, bill, bill.balance_minor)
    if minor <= 0:
        return _not_needed(context, owner, bill, bill.balance_minor)
    how = next((kind for kind, pattern in METHODS.items() if pattern.search(bare(method))), None)
    return _payment_proposal(context, owner, bill, minor, how)


def _payment_proposal(
    context: ToolContext, client: Client, invoice: Invoice, minor: int, how: PaymentMethod | None
) -> Answer:
    data = {"client": name_of(client), **_entered_facts(context, invoice, minor), "method": str(how or "")}
    mentions = (client_mention(client), facts.mention_invoice(invoice))
    if how is None:
        return Answer("method_missing", data, _method_buttons(context, invoice, minor), mentions, error=True)
    arguments = {
        "client_id": client.id, "invoice_id": invoice.id, "amount_minor": minor, "method": str(how),
    }  # fmt: skip
    proposal = proposal_of("record_payment", arguments, invoice.number, client)
    return Answer("proposal_record_payment", data, mentions=mentions, proposal=proposal)


def _entered_facts(context: ToolContext, invoice: Invoice, minor: int) -> Data:
    """amount: what is entered; left: open on the invoice afterwards; credit: more than was open."""
    number, currency, inputs = invoice.number, invoice.currency, (f"{invoice.number}.balance",)
    left, credit = max(0, invoice.balance_minor - minor), max(0, minor - max(0, invoice.balance_minor))
    return {
        **facts.invoice_facts(context, invoice),
        "amount": facts.amount(number, "amount", minor, currency, "the amount the person named", *inputs),
        "left": facts.amount(number, "left", left, currency, "balance less this amount", *inputs),
        "credit": facts.amount(number, "credit", credit, currency, "this amount less the balance", *inputs),
    }


def _method_buttons(context: ToolContext, invoice: Invoice, minor: int) -> tuple[Attachment, ...]:
    language = context.language
    shown = format_money(Money(minor, invoice.currency), context.locale)
    words = [label(language, f"method_{kind}") for kind in METHODS]
    say = [label(language, "say_record_by", number=invoice.number, amount=shown, method=word) for word in words]
    return tuple(facts.button(word, sentence) for word, sentence in zip(words, say, strict=True))


async def carry_out_record_payment(context: ToolContext, arguments: Mapping[str, Any]) -> Answer:
    """Enter the payment; what is more than the invoice has open by then stays credit."""

    async def work(session: AsyncSession) -> tuple[Client, Invoice | None, Payment | None]:
        client = await session.get_one(Client, int(arguments["client_id"]))
        invoice = await find_invoice(session, int(arguments["invoice_id"]))
        if invoice is None:
            return client, None, None
        payment = await record_manual_payment(
            session, invoice.id, int(arguments["amount_minor"]), PaymentMethod(arguments["method"]),
            context.now, context.key, context.principal.staff_id or 0,
        )  # fmt: skip
        await session.refresh(invoice)
        return client, invoice, payment

    try:
        client, invoice, payment = await context.records.write(work)
    except InvoiceClosedError:
        client, invoice, payment = await context.records.read(_unpaid(arguments))
    mentions = (client_mention(client),)
    if invoice is None or payment is None:
        return Answer("proposal_outdated", {"client": name_of(client)}, mentions=mentions, error=True)
    data = {
        "client": name_of(client),
        "invoice": facts.invoice_facts(context, invoice),
        "payment": facts.payment_facts(context, payment),
    }
    return Answer("payment_recorded", data, mentions=(*mentions, facts.mention_invoice(invoice)))


def _unpaid(arguments: Mapping[str, Any]) -> Any:
    async def read(session: AsyncSession) -> tuple[Client, None, None]:
        return await session.get_one(Client, int(arguments["client_id"])), None, None

    return read
