"""Tests of propose_payment_link, propose_message and record_payment: shown first, sent or entered on yes."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.tables.addresses import Consent
from billing.tables.bills import Invoice
from billing.tables.payments import Payment, PaymentLink, PaymentMethod
from billing.tables.people import ContactClient
from billing.tables.talk import Author, Conversation, Delivery, Message
from bot.evidence import Answer
from bot.messages import Mention
from bot.tools.writing import (
    carry_out_propose_message,
    carry_out_propose_payment_link,
    carry_out_record_payment,
    plan_propose_message,
    plan_propose_payment_link,
    plan_record_payment,
)
from tests.bot.office import Office, all_of, build_office, priya, put, seen
from tests.bot.shop import say
from tests.conftest import Run
from tests.factories.bills import make_invoice
from tests.factories.payments import make_payment
from tests.factories.people import make_client
from tests.factories.rows import add_row
from tests.factories.talk import make_conversation
from tests.fakes.clock import NOW


async def messages(session: AsyncSession) -> list[Message]:
    """Every message, in order."""
    return list(await session.scalars(select(Message).order_by(Message.id)))


def arguments_of(answer: Answer) -> Any:
    """What a proposal would carry out."""
    assert answer.proposal is not None, answer
    return answer.proposal["arguments"]


def test_a_link_is_proposed_with_its_whole_text(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    context = priya(sqlite_door, office, client_focus="Okafor Dental")
    answer = run(plan_propose_payment_link(context, client="them"))
    assert answer.kind == "proposal_propose_payment_link"
    assert say(answer) == (
        "Send this to Amara Okafor (Okafor Dental) in their web chat, with a button to pay $100.00?\n"
        "“Hello Amara, here is a link to pay INV-2001 (Reception desk): $100.00, due Wed 25 Nov."
        " If anything is unclear, just write back.\nPriya, Harbor & Pine”"
    )
    assert answer.proposal is not None
    assert (answer.proposal["subject"], answer.proposal["client_id"]) == ("INV-2001", office.shop.other.id)
    assert run(seen(sqlite_door, messages)) == []


def test_a_confirmed_link_goes_out_as_shown(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    context = priya(sqlite_door, office)
    plan = run(plan_propose_payment_link(context, client="alvarez"))
    done = run(carry_out_propose_payment_link(context, arguments_of(plan)))
    assert done.kind == "sent_to_client"
    [message] = run(seen(sqlite_door, messages))
    assert message.text == plan.data["text"].value
    assert message.text.startswith("Hola, Marta: aquí tiene el enlace para pagar INV-77 (Terraza): $3,100.00")
    assert (message.author, message.delivery, message.client_id) == (Author.STAFF, Delivery.QUEUED, office.marta.id)
    assert (message.author_staff_id, message.language) == (office.shop.owner.id, "es")
    [link] = message.attachments
    assert (link["kind"], link["value"]) == ("link", "https://desk.example/pay/token1")
    assert link["label"] == "Pagar $3,100.00"
    thread = run(seen(sqlite_door, lambda session: session.get_one(Conversation, message.conversation_id)))
    assert (thread.channel, thread.key) == ("web", "web:marta")
    rows = run(seen(sqlite_door, lambda session: all_of(session, select(PaymentLink))))
    assert [(row.invoice_id, row.asked_minor, row.contact_id) for row in rows] == [
        (office.late.id, None, office.marta_contact.id)
    ]


def test_a_link_carried_out_twice_is_sent_once(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    context = priya(sqlite_door, office)
    plan = run(plan_propose_payment_link(context, client="alvarez"))
    first = run(carry_out_propose_payment_link(context, arguments_of(plan)))
    again = run(carry_out_propose_payment_link(context, arguments_of(plan)))
    assert first.data == again.data
    assert len(run(seen(sqlite_door, messages))) == 1


def test_half_can_be_asked_for(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    context = priya(sqlite_door, office)
    plan = run(plan_propose_payment_link(context, client="dana", amount="half"))
    assert arguments_of(plan)["asked_minor"] == 920_00
    assert "a link to pay $920.00 of INV-1042" in say(plan)
    over = run(plan_propose_payment_link(context, client="dana", amount="5000"))
    assert arguments_of(over)["asked_minor"] is None
    assert "$5,000.00 is more than can be paid on INV-1042" in say(over)


def test_a_paid_invoice_needs_no_link(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    answer = run(plan_propose_payment_link(priya(sqlite_door, office), invoice="INV-1019"))
    assert say(answer) == "No link needed: INV-1019 (Deposit) is paid in full."
    assert answer.proposal is None


def test_several_open_invoices_are_asked_back(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    run(put(sqlite_door, lambda session: make_invoice(session, client=office.marta, number="INV-78", title="Muro")))
    mentions = (Mention("client", "M. Alvarez"), Mention("invoice", "INV-77"))
    context = priya(sqlite_door, office, client_focus="M. Alvarez", mentions=mentions)
    answer = run(plan_propose_payment_link(context, client="them"))
    assert answer.kind == "choose"
    assert [button.value for button in answer.attachments] == [
        "send a payment link for INV-78",
        "send a payment link for INV-77",
    ]


def test_a_link_is_not_sent_when_the_invoice_was_paid_meanwhile(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    context = priya(sqlite_door, office)
    plan = run(plan_propose_payment_link(context, client="alvarez"))

    async def pay(session: AsyncSession) -> None:
        invoice = await session.get_one(Invoice, office.late.id)
        await make_payment(session, client=office.marta, amount_minor=3100_00, settles=[(invoice, 3100_00)])

    run(put(sqlite_door, pay))
    answer = run(carry_out_propose_payment_link(context, arguments_of(plan)))
    assert answer.kind == "proposal_outdated"
    assert run(seen(sqlite_door, messages)) == []
    assert "something has changed for M. Alvarez" in say(answer)


async def _opt_out(session: AsyncSession, office: Office, *, given: bool, days_ago: int) -> None:
    session.add(
        Consent(
            business_id=office.shop.business.id, contact_id=office.marta_contact.id, channel="web",
            scope="messages", source="web", wording="STOP", is_given=given, at=NOW - timedelta(days=days_ago),
        )
    )  # fmt: skip


def test_an_opted_out_contact_is_not_written_to(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    context = priya(sqlite_door, office)
    plan = run(plan_propose_message(context, client="alvarez", text="we start on Monday"))
    run(put(sqlite_door, lambda session: _opt_out(session, office, given=False, days_ago=1)))
    answer = run(plan_propose_message(context, client="alvarez", text="we start on Monday"))
    assert answer.kind == "cannot_write"
    assert say(answer).startswith("Marta Alvarez asked not to get messages in the web chat")
    late = run(carry_out_propose_message(context, arguments_of(plan)))
    assert late.kind == "cannot_write"
    assert run(seen(sqlite_door, messages)) == []
    run(put(sqlite_door, lambda session: _opt_out(session, office, given=True, days_ago=0)))
    assert run(plan_propose_message(context, client="alvarez", text="hi")).kind == "proposal_propose_message"


def test_a_client_without_contact_cannot_be_written_to(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    run(put(sqlite_door, lambda session: make_client(session, business=office.shop.business, name="Nemo House")))
    answer = run(plan_propose_message(priya(sqlite_door, office), client="nemo house", text="hello"))
    assert say(answer).startswith("Nobody is on file to write to at Nemo House.")


def test_a_message_goes_out_word_for_word(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    context = priya(sqlite_door, office)
    words = "We come at 9:30 on Monday, {INV-1042.balance} is for later"
    plan = run(plan_propose_message(context, client="okafor", text=f'"{words}"'))
    assert say(plan).endswith(f"“{words}”")
    done = run(carry_out_propose_message(context, arguments_of(plan)))
    assert say(done).startswith("Sent to Amara Okafor (Okafor Dental) in their web chat:")
    [message] = run(seen(sqlite_door, messages))
    assert message.text == words
    thread = run(seen(sqlite_door, lambda session: session.get_one(Conversation, message.conversation_id)))
    assert (thread.connection, thread.key) == ("web:harbor-and-pine", f"web:client:{office.shop.other_contact.key}")
    assert say(done, language="es").startswith("Enviado a Amara Okafor")


def test_a_message_without_words_is_asked_for(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    answer = run(plan_propose_message(priya(sqlite_door, office), client="okafor"))
    assert (answer.kind, answer.error) == ("text_missing", True)
    assert "Okafor Dental" in say(answer)


def test_a_payment_is_shown_before_it_is_entered(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    context = priya(sqlite_door, office)
    plan = run(plan_record_payment(context, invoice="INV-1042", amount="$500", method="a check"))
    assert say(plan) == (
        "Record $500.00 by check from Dana Lee on INV-1042 (Kitchen cabinets)? $1,340.00 then stays open on it."
    )
    done = run(carry_out_record_payment(context, arguments_of(plan)))
    assert "$1,340.00 is left on INV-1042." in say(done)
    run(carry_out_record_payment(context, arguments_of(plan)))
    rows = run(seen(sqlite_door, lambda session: all_of(session, select(Payment))))
    assert [(row.amount_minor, row.method, row.provider) for row in rows] == [(500_00, PaymentMethod.CHECK, "manual")]


def test_money_above_the_balance_becomes_credit(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    context = priya(sqlite_door, office, words="okafor paid 150 in cash")
    plan = run(plan_record_payment(context, amount="150", method="in cash"))
    assert "$50.00 more than is open stays as their credit" in say(plan)
    done = run(carry_out_record_payment(context, arguments_of(plan)))
    assert "INV-2001 is paid in full." in say(done)
    assert say(done, language="es").startswith("Registrado: ")


def test_how_money_came_is_asked(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    answer = run(plan_record_payment(priya(sqlite_door, office), invoice="1042", amount="500"))
    assert answer.kind == "method_missing"
    assert answer.attachments[0].value == "record $500.00 by cash on INV-1042"
    assert say(answer).startswith("How did the $500.00 for INV-1042 come")


def test_an_unclear_sum_is_asked_back(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    answer = run(plan_record_payment(priya(sqlite_door, office), invoice="1042", amount="some", method="cash"))
    assert say(answer) == "Which amount on INV-1042? $1,840.00 is open: all of it, half, or a sum."


def test_a_channel_without_a_sender_is_not_used(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))

    async def write_by_sms(session: AsyncSession) -> Conversation:
        return await make_conversation(
            session, person=office.marta_contact, client=office.marta, connection="fax:main", channel="fax",
            last_message_at=NOW,
        )  # fmt: skip

    run(put(sqlite_door, write_by_sms))
    plan = run(plan_propose_message(priya(sqlite_door, office), client="alvarez", text="hello"))
    assert plan.data["channel"] == "web"


def test_a_contact_of_two_clients_is_written_to_in_one_thread(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    context = priya(sqlite_door, office)

    async def add(session: AsyncSession) -> None:
        second = await make_client(session, business=office.shop.business, name="Second House")
        owner = {"business_id": second.business_id, "client_id": second.id}
        await add_row(session, ContactClient(**owner, contact_id=office.shop.other_contact.id))

    run(put(sqlite_door, add))
    for place, name in enumerate(("okafor dental", "second house")):
        plan = run(plan_propose_message(context, client=name, text="hello"))
        run(carry_out_propose_message(replace(context, key=f"turn:1:{place}"), arguments_of(plan)))
    first, second = run(seen(sqlite_door, messages))
    assert first.conversation_id == second.conversation_id
    assert first.client_id != second.client_id


def test_an_invoice_of_somebody_else_is_not_theirs(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    answer = run(plan_propose_payment_link(priya(sqlite_door, office), client="okafor", invoice="INV-1042"))
    assert say(answer) == "I find no such invoice of Okafor Dental. There is INV-2001 (Reception desk)."
    assert say(answer, language="es").startswith("No encuentro esa factura de Okafor Dental.")


def test_a_client_without_invoices_needs_no_link(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    run(put(sqlite_door, lambda session: make_client(session, business=office.shop.business, name="Nemo House")))
    answer = run(plan_propose_payment_link(priya(sqlite_door, office), client="nemo house"))
    assert say(answer) == "There is no invoice of Nemo House."


def test_a_bill_and_its_payer_are_found_in_one_sentence(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    context = priya(sqlite_door, office, words="dana paid 500 in cash for the kitchen one")
    plan = run(plan_record_payment(context, invoice="the kitchen one", amount="500", method="cash"))
    assert plan.proposal is not None
    assert plan.proposal["subject"] == "INV-1042"
    owner = run(plan_record_payment(context, invoice="amara's", amount="50", method="cash"))
    assert owner.proposal is not None
    assert owner.proposal["subject"] == "INV-2001"
