"""What can be asked: each class of the classifier with its act, tool, fine intent and arguments."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.meaning import Act

CLIENT = frozenset({"client"})
STAFF = frozenset({"staff"})
BOTH = CLIENT | STAFF

# Tools that change something or speak to someone. hand_to_person is one too, but errs on the side of help.
WRITING = frozenset({
    "send_payment_link", "create_request", "promise_to_pay", "update_contact", "accept_estimate",
    "report_payment_problem", "set_preference", "update_request", "take_conversation", "hand_back", "add_note",
    "propose_payment_link", "propose_message", "record_payment",
})  # fmt: skip

REFERENT = {
    "explain_invoice": "invoice", "payment_status": "invoice", "refund_status": "invoice",
    "send_payment_link": "invoice", "payment_plan": "invoice", "accept_estimate": "estimate",
    "find_file": "query", "project_status": "project", "request_status": "request",
    "report_payment_problem": "invoice", "promise_to_pay": "invoice", "open_work": "project",
    "propose_payment_link": "invoice", "record_payment": "invoice", "update_request": "request",
}  # fmt: skip


@dataclass(frozen=True)
class Intent:
    """One class. `fine` is Call.intent. `fixed` are arguments that the class itself decides."""

    name: str
    act: Act
    kinds: frozenset[str] = CLIENT
    tool: str = ""
    fine: str = ""
    fixed: Mapping[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()


def _tool(
    name: str,
    tool: str,
    *arguments: str,
    kinds: frozenset[str] = CLIENT,
    fine: str = "",
    **fixed: str,
) -> Intent:
    return Intent(name, Act.TOOL, kinds, tool, fine or name, fixed, arguments)


def _talk(name: str) -> Intent:
    return Intent(name, Act.SMALLTALK, BOTH, fine=name)


_INVOICE_QUESTIONS = (
    "invoice_show", "invoice_purpose", "invoice_due_date", "invoice_why_high", "invoice_project",
    "invoice_paid_so_far", "invoice_amount", "invoice_estimate",
)  # fmt: skip
_PROBLEMS = ("payment_failed", "payment_double", "amount_wrong", "charge_unknown", "refund_wanted")
_REQUESTS = {
    "request_service": "service", "request_visit": "service", "request_change": "change",
    "request_reschedule": "change", "request_cancel": "change", "complaint": "complaint",
    "estimate_decline": "change", "data_request": "data", "request_question": "question",
}  # fmt: skip

_CLIENT_INTENTS = (
    _tool("balance", "list_invoices", status="open"),
    _tool("invoices_due", "list_invoices", status="open"),
    _tool("invoices_overdue", "list_invoices", status="overdue"),
    _tool("invoices_paid", "list_invoices", status="paid"),
    _tool("invoices_all", "list_invoices", status="all"),
    *(_tool(name, "explain_invoice", "invoice") for name in _INVOICE_QUESTIONS),
    _tool("payment_received", "payment_status", "invoice"),
    _tool("payment_last", "payment_status"),
    _tool("payment_history", "account_statement", "period"),
    _tool("statement", "account_statement", "period"),
    _tool("refund_status", "refund_status", "invoice"),
    _tool("pay_link", "send_payment_link", "invoice", "amount"),
    _tool("pay_how", "send_payment_link", "invoice"),
    *(_tool(name, "report_payment_problem", "invoice", "problem") for name in _PROBLEMS),
    *(_tool(name, "create_request", "summary", "priority", kind=kind) for name, kind in _REQUESTS.items()),
    _tool("plan_wanted", "payment_plan", "invoice"),
    _tool("plan_status", "payment_plan", "invoice"),
    _tool("more_time", "payment_plan", "invoice"),
    _tool("promise", "promise_to_pay", "invoice", "date"),
    _tool("estimate_amount", "list_estimates", "estimate_status"),
    _tool("estimate_where", "list_estimates", "estimate_status"),
    _tool("estimates_list", "list_estimates", "estimate_status"),
    _tool("estimate_accept", "accept_estimate", "estimate"),
    _tool("file_find", "find_file", "query"),
    _tool("files_list", "find_file"),
    _tool("project_progress", "project_status", "project"),
    _tool("project_next_step", "project_status", "project"),
    _tool("project_finish", "project_status", "project"),
    _tool("projects_active", "project_status"),
    _tool("appointments", "upcoming_appointments"),
    _tool("request_status", "request_status", "request"),
    _tool("contact_number", "who_to_contact", "topic"),
    _tool("person", "hand_to_person", "reason"),
    _tool("callback", "hand_to_person", "reason"),
    _tool("contact_update", "update_contact", "field", "value"),
    Intent("refuse_others", Act.REFUSE, CLIENT, fine="refuse_others"),
)

_STAFF_INTENTS = (
    _tool("client_find", "find_client", "search", kinds=STAFF),
    _tool("client_overview", "client_overview", "client", kinds=STAFF),
    _tool("balances_owed", "outstanding_balances", "group", "minimum", "overdue_days", kinds=STAFF),
    # "0": everything that is past its due day; a number of days that was said takes its place.
    _tool(
        "balances_overdue", "outstanding_balances", "group", "minimum", "overdue_days", kinds=STAFF, overdue_days="0"
    ),
    _tool("aging", "aging_report", kinds=STAFF),
    _tool("revenue", "revenue_report", "period", kinds=STAFF),
    _tool("payments_list", "list_payments", "period", "client", kinds=STAFF),
    _tool("work_open", "open_work", "project", "assignee", kinds=STAFF),
    _tool("requests_list", "list_requests", "request_state", kinds=STAFF),
    _tool("request_update", "update_request", "request", "request_state", "assignee", "urgency", kinds=STAFF),
    _tool("conversation", "conversation_history", "client", kinds=STAFF),
    _tool("conversation_take", "take_conversation", "client", kinds=STAFF),
    _tool("conversation_hand_back", "hand_back", "client", kinds=STAFF),
    _tool("note_add", "add_note", "client", "text", kinds=STAFF),
    _tool("link_propose", "propose_payment_link", "client", "invoice", "amount", kinds=STAFF),
    _tool("message_propose", "propose_message", "client", "text", kinds=STAFF),
    _tool("payment_record", "record_payment", "paid_invoice", "amount", "method", kinds=STAFF),
    _tool("staff_invoices_open", "list_invoices", "client", kinds=STAFF, fine="balance", status="open"),
    _tool("staff_invoices_paid", "list_invoices", "client", kinds=STAFF, fine="invoices_paid", status="paid"),
    _tool("staff_payment_status", "payment_status", "client", "invoice", kinds=STAFF, fine="payment_received"),
    _tool("staff_refund_status", "refund_status", "client", kinds=STAFF, fine="refund_status"),
    _tool("staff_statement", "account_statement", "client", "period", kinds=STAFF, fine="statement"),
    _tool("staff_plan", "payment_plan", "client", kinds=STAFF, fine="plan_status"),
    _tool("staff_invoice", "explain_invoice", "client", "invoice", kinds=STAFF, fine="invoice_show"),
    _tool("staff_estimates", "list_estimates", "client", "estimate_status", kinds=STAFF, fine="estimates_list"),
    _tool("staff_files", "find_file", "client", "query", kinds=STAFF, fine="file_find"),
    _tool("staff_project", "project_status", "client", "project", kinds=STAFF, fine="project_progress"),
    _tool("staff_appointments", "upcoming_appointments", "client", kinds=STAFF, fine="appointments"),
    _tool("staff_request_status", "request_status", "client", "request", kinds=STAFF, fine="request_status"),
)

_SHARED_INTENTS = (
    _tool("policy", "search_knowledge", "question", kinds=BOTH),
    _tool("contact_who", "who_to_contact", "topic", kinds=BOTH),
    _tool("preference", "set_preference", "name", "value", kinds=BOTH),
    *(
        _talk(name)
        for name in (
            "greeting", "thanks", "bye", "how_are_you", "identity", "abilities", "praise", "ok", "apology", "insult",
        )
    ),
    Intent("out_of_scope", Act.OUT_OF_SCOPE, BOTH, fine="out_of_scope"),
    Intent("opt_out", Act.OPT_OUT, BOTH, fine="opt_out"),
    Intent("refuse", Act.REFUSE, BOTH, fine="refuse"),
    Intent("unclear", Act.CLARIFY, BOTH, fine="unclear"),
)  # fmt: skip

INTENTS: Mapping[str, Intent] = {
    intent.name: intent for intent in (*_CLIENT_INTENTS, *_STAFF_INTENTS, *_SHARED_INTENTS)
}

# Where the staff's question is coarser, the client's own classes of the same tool say what exactly was asked.
REFINED = frozenset({
    "staff_invoice", "staff_estimates", "staff_project", "staff_files", "staff_plan", "staff_statement",
})  # fmt: skip


def classes_of(kind: str) -> tuple[str, ...]:
    """The classes that a session of `kind` ("client" or "staff") can mean, in a fixed order."""
    return tuple(sorted(name for name, intent in INTENTS.items() if kind in intent.kinds))
