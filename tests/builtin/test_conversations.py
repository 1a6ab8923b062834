"""Wordings met in real conversations, of clients and of staff, with what they must come to."""

from collections.abc import Callable

import pytest

from bot.meaning import Act, Call, Understanding
from bot.messages import Mention

Understand = Callable[..., Understanding]
_INVOICE = (Mention("invoice", "INV-1042"),)
_LINK_SENT = (Call("send_payment_link", {"invoice": "1042"}, "pay_link"),)


@pytest.mark.parametrize(
    ("said", "amount"),
    [
        ("half now ok?", "half"), ("can i pay half now", "half"), ("half today half later?", "half"),
        ("would half today be alright", "half"), ("could i do $300 now and the rest next month", "$300"),
        ("puedo pagar la mitad hoy?", "la mitad"), ("geht die Hälfte jetzt?", "die Hälfte"),
        ("i can send you a third today", "a third"),
    ],
)  # fmt: skip
def test_part_now_is_a_link_for_part(understand: Understand, said: str, amount: str) -> None:
    meaning = understand(said, mentions=_INVOICE)
    assert [call.tool for call in meaning.calls] == ["send_payment_link"], meaning
    assert meaning.calls[0].args["amount"] == amount


@pytest.mark.parametrize(
    "said",
    ["did you get it?", "so did you guys receive it ok", "did it go thru", "u got it?", "hat die Zahlung geklappt",
     "lo recibieron?", "has it come in yet", "vous l'avez reçu ?"],
)  # fmt: skip
def test_it_after_a_link_is_the_payment(understand: Understand, said: str) -> None:
    for last in (_LINK_SENT, ()):
        meaning = understand(said, mentions=_INVOICE, last_calls=last)
        assert [call.tool for call in meaning.calls] == ["payment_status"], (last, meaning)


@pytest.mark.parametrize("said", ["did you get it?", "did it go through?", "did u receive it"])
def test_it_keeps_pointing_at_the_record(understand: Understand, said: str) -> None:
    meaning = understand(said, mentions=_INVOICE, last_calls=_LINK_SENT)
    assert meaning.calls[0].args == {"invoice": "this"}


@pytest.mark.parametrize(
    ("said", "tools"),
    [
        ("can i get an itemized receipt for taxes", {"find_file", "account_statement"}),
        ("need a detailed receipt for my tax return pls", {"find_file", "account_statement"}),
        ("send my invoice to my accountant bob@example.com", {"find_file", "explain_invoice", "create_request"}),
        ("please forward the kitchen invoice to my bookkeeper amy@example.org", {"find_file", "create_request"}),
        ("my accountant would like the receipts", {"find_file", "account_statement"}),
    ],
)
def test_papers_for_taxes_are_files(understand: Understand, said: str, tools: set[str]) -> None:
    meaning = understand(said)
    assert meaning.act is Act.TOOL, meaning
    assert {call.tool for call in meaning.calls} <= tools, meaning


@pytest.mark.parametrize("said", ["forgot my password", "i cant remember my login", "no me acuerdo de mi contraseña"])
def test_passwords_are_not_ours(understand: Understand, said: str) -> None:
    meaning = understand(said)
    assert meaning.act is Act.OUT_OF_SCOPE or {call.tool for call in meaning.calls} == {"hand_to_person"}, meaning


@pytest.mark.parametrize(
    ("said", "tool", "args"),
    [
        ("hand the conversation with Dana Lee back", "hand_back", {"client": "Dana Lee"}),
        ("give Okafor back to the assistant", "hand_back", {"client": "Okafor"}),
        ("the bot may have duval's chat again", "hand_back", {"client": "duval"}),
        ("take over the conversation with dana", "take_conversation", {"client": "dana"}),
        ("i'd like to take the thread with rossi", "take_conversation", {"client": "rossi"}),
        ("tell them we start on Monday", "propose_message", {"client": "Okafor Dental", "text": "we start on Monday"}),
        ("text them that the painter comes at 8", "propose_message",
         {"client": "Okafor Dental", "text": "the painter comes at 8"}),
        ("write okafor: Hello Amara, could we speak tomorrow?", "propose_message",
         {"client": "okafor", "text": "Hello Amara, could we speak tomorrow?"}),
        ("message Okafor Dental that the tiles have arrived", "propose_message",
         {"client": "Okafor Dental", "text": "the tiles have arrived"}),
        ("let rossi know we finish on friday", "propose_message", {"client": "rossi", "text": "we finish on friday"}),
        ("ask rossi about the gate code", "propose_message", {"client": "rossi"}),
        ("add a note for okafor: what time is best? mornings", "add_note",
         {"client": "okafor", "text": "what time is best? mornings"}),
        ("mark REQ-201 as done", "update_request", {"request": "REQ-201", "status": "done"}),
        ("assign req 201 to tom", "update_request", {"request": "201", "assignee": "tom"}),
        ("req-204 urgent", "update_request", {"request": "req-204", "priority": "urgent"}),
        ("put REQ-77 on hold", "update_request", {"request": "REQ-77", "status": "waiting"}),
        ("please set req-12 to in progress", "update_request", {"request": "req-12", "status": "in progress"}),
        ("balances by project", "outstanding_balances", {"group": "project"}),
        ("show me what is outstanding per client", "outstanding_balances", {"group": "client"}),
        ("anyone over $5k?", "outstanding_balances", {"minimum": "$5k"}),
        ("who owes us 2000 or more", "outstanding_balances", {"minimum": "2000"}),
        ("who's late", "outstanding_balances", {"overdue_days": "0"}),
        ("overdue more than 60 days", "outstanding_balances", {"overdue_days": "60"}),
        ("okafor paid 500 cash", "record_payment", {"invoice": "okafor", "amount": "500", "method": "cash"}),
        ("rossi gave us a check over $750 for INV-1042", "record_payment",
         {"invoice": "INV-1042", "amount": "$750", "method": "check"}),
        ("did Alvarez pay?", "payment_status", {"client": "Alvarez"}),
        ("what invoices does okafor have open", "list_invoices", {"client": "okafor", "status": "open"}),
        ("how much did we make last month", "revenue_report", {"period": "last month"}),
        ("what came in today", "list_payments", {"period": "today"}),
    ],
)  # fmt: skip
def test_staff_are_understood_as_they_write(understand: Understand, said: str, tool: str, args: dict[str, str]) -> None:
    meaning = understand(said, kind="staff", client_focus="Okafor Dental")
    assert [(call.tool, dict(call.args)) for call in meaning.calls] == [(tool, args)], meaning


def test_dictated_words_are_not_questions(understand: Understand) -> None:
    said = "tell Okafor that we got their check, who should we call about the permit?"
    meaning = understand(said, kind="staff")
    assert [call.tool for call in meaning.calls] == ["propose_message"], meaning
    assert meaning.calls[0].args["text"] == "we got their check, who should we call about the permit?"


@pytest.mark.parametrize(
    ("said", "kind", "tool"),
    [
        ("what about EST-1031", "client", "list_estimates"), ("show EST-1031 please", "client", "list_estimates"),
        ("REQ-204?", "client", "request_status"), ("any update on req-204", "client", "request_status"),
        ("show INV-1042", "client", "explain_invoice"), ("zeig mir FAC-1007", "client", "explain_invoice"),
        ("what is REQ-204 about", "staff", "request_status"),
    ],
)  # fmt: skip
def test_printed_numbers_say_what_they_are(understand: Understand, said: str, kind: str, tool: str) -> None:
    assert [call.tool for call in understand(said, kind=kind).calls] == [tool], understand(said, kind=kind)
