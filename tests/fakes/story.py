"""What the scripted assistant says in the browser tests: Dana's and Priya's story, as the real one tells it."""

from typing import Any

from tests.fakes.desk import Said


def _figure(text: str, subject: str, field: str, record: str, version: int = 1) -> dict[str, Any]:
    return {
        "text": text, "handle": f"{subject}.{field}", "record": record, "field": field, "version": version,
        "calculation": "",
    }  # fmt: skip


def _computed(text: str, what: str) -> dict[str, Any]:
    return {"text": text, "handle": "", "record": "", "field": "", "version": 0, "calculation": what}


def _button(label: str, value: str = "") -> dict[str, Any]:
    return {"kind": "button", "label": label, "value": value or label, "rows": [], "extra": {}}


def _link(label: str, value: str, role: str = "") -> dict[str, Any]:
    return {"kind": "link", "label": label, "value": value, "rows": [], "extra": {"role": role} if role else {}}


def _file(label: str, value: str) -> dict[str, Any]:
    return {"kind": "file", "label": label, "value": value, "rows": [], "extra": {}}


def _card(label: str, rows: list[list[str]], **extra: str) -> dict[str, Any]:
    return {"kind": "card", "label": label, "value": "", "rows": rows, "extra": extra}


INVOICE = Said(
    "INV-1042 is for the kitchen cabinets: 6 oak doors $1,440.00 and 8 h fitting $400.00, as in estimate EST-88 "
    "you accepted on Oct 3. $1,840.00 is due Sat, Nov 28, in 6 days.\n"
    "It belongs to the project Kitchen renovation.",
    attachments=(
        _card("INV-1042 Kitchen cabinets", [["Total", "$1,840.00"], ["Due", "Sat, Nov 28"]], role="invoice"),
        _button("Pay $1,840.00", "Send me the link for INV-1042"),
        _button("Show the invoice as PDF", "Show me INV-1042 as PDF"),
        _button("Talk to a person"),
    ),
    calls=({"name": "explain_invoice", "args": {"invoice": "this"}},),
    bindings=(
        _figure("INV-1042", "INV-1042", "number", "invoice:12", 3),
        _figure("$1,440.00", "INV-1042", "amount_minor", "invoice_line:31"),
        _figure("$400.00", "INV-1042", "amount_minor", "invoice_line:32"),
        _figure("$1,840.00", "INV-1042", "balance_minor", "invoice:12", 3),
        _figure("Nov 28", "INV-1042", "due_on", "invoice:12", 3),
        _computed("in 6 days", "days from today to the due day"),
    ),
)
DUE = Said(
    "INV-1042 is due Sat, Nov 28, in 6 days. $1,840.00 is left to pay.",
    attachments=INVOICE.attachments,
    calls=({"name": "explain_invoice", "args": {"invoice": "this"}},),
    bindings=(_figure("Nov 28", "INV-1042", "due_on", "invoice:12", 3),),
)
LINK = Said(
    "Here is the link for $1,840.00 on INV-1042. It works for 7 days.",
    attachments=(_link("Pay $1,840.00", "/pay/q7Zr0vC1mX9sTg2b", "pay"),),
    calls=({"name": "send_payment_link", "args": {"invoice": "this"}},),
    bindings=(_figure("$1,840.00", "INV-1042", "balance_minor", "invoice:12", 3),),
)
RECEIPT = Said(
    "We received $1,840.00 today at 10:04 AM, thank you. INV-1042 is paid in full.",
    attachments=(_file("Receipt for INV-1042 (PDF)", "/files/Yb3kq0Pz7aLw"),),
)
OWING = Said(
    "4 clients owe us $12,480.00; $9,300.00 of it is overdue.\n"
    "Okafor Dental: $6,200.00, 62 days overdue\n"
    "M. Alvarez: $3,100.00, 48 days overdue\n"
    "Dana Lee: $1,840.00, due in 6 days\n"
    "Riverside Property Management Association of Greater Westchester: $1,340.00, due in 12 days",
    attachments=(
        _card(
            "Open balances, oldest first",
            [
                ["Okafor Dental", "$6,200.00"],
                ["M. Alvarez", "$3,100.00"],
                ["Dana Lee", "$1,840.00"],
                ["Riverside Property Management Association of Greater Westchester", "$1,234,340.00"],
            ],
        ),
        _button("Remind all four"),
        _button("Okafor Dental", "What about Okafor Dental?"),
    ),
    calls=({"name": "outstanding_balances", "args": {"group": "client"}},),
    bindings=(
        _computed("$12,480.00", "sum of open balances in USD"),
        _figure("$6,200.00", "INV-0981", "balance_minor", "invoice:8", 2),
    ),
)
SCRIPT = {
    "what’s this invoice for?": INVOICE,
    "what's this invoice for?": INVOICE,
    "and when is it due?": DUE,
    "when is it due?": DUE,
    "ok send me the link": LINK,
    "send me the link for inv-1042": LINK,
    "who owes us money?": OWING,
    "evil": Said(
        "See http://127.0.0.1:1/pay/x, https://evil.example/pay/x and javascript:alert(1)",
        attachments=(
            _link("Bad", "javascript:alert(1)"),
            _link("Pay", "data:text/html,<script>alert(1)</script>", "pay"),
            _file("<b>bold</b>", "/files/abc"),
            _card("<img src=x onerror=alert(1)>", [["<i>label</i>", "<u>$1</u>"]]),
        ),
    ),
}
