"""Follow-ups that make sense only after what was said before: "and the other one?", "send it", "why?"."""

import re

from bot.builtin.intents import REFERENT
from bot.builtin.names import find_name
from bot.builtin.reading import Reading
from bot.builtin.slots import find_record
from bot.meaning import Call

_MAX_WORDS = 5
_ASKED_BACK: dict[str, dict[str, tuple[str, str]]] = {
    "when": {
        "explain_invoice": ("explain_invoice", "invoice_due_date"),
        "list_invoices": ("explain_invoice", "invoice_due_date"),
        "project_status": ("project_status", "project_finish"),
        "payment_status": ("payment_status", "payment_received"),
        "refund_status": ("refund_status", "refund_status"),
        "upcoming_appointments": ("upcoming_appointments", "appointments"),
        "payment_plan": ("payment_plan", "plan_status"),
    },
    "why": {
        "explain_invoice": ("explain_invoice", "invoice_why_high"),
        "list_invoices": ("explain_invoice", "invoice_why_high"),
        "project_status": ("project_status", "project_finish"),
    },
    "amount": {
        "explain_invoice": ("explain_invoice", "invoice_amount"),
        "list_invoices": ("explain_invoice", "invoice_amount"),
        "list_estimates": ("list_estimates", "estimate_amount"),
        "payment_status": ("payment_status", "payment_received"),
        "payment_plan": ("payment_plan", "plan_status"),
    },
}
_RESENT = {
    "find_file": ("find_file", "file_find"),
    "list_estimates": ("list_estimates", "estimate_where"),
    "account_statement": ("account_statement", "statement"),
}
_CLIENT_READS = frozenset({
    "list_invoices", "payment_status", "refund_status", "account_statement", "payment_plan", "list_estimates",
    "project_status", "upcoming_appointments", "request_status", "conversation_history", "list_payments", "find_file",
})  # fmt: skip


def follow_up(reading: Reading) -> Call | None:
    """The call that a short follow-up asks for, or None when the message stands by itself."""
    text = reading.plain.strip(" .?!¿¡,").lower()
    if not text or len(text) > 80:
        return None
    return _asked_back(text, reading) or _resend(text, reading) or _same_for_another(text, reading)


def _asked_back(text: str, reading: Reading) -> Call | None:
    last = _last_call(reading)
    if last is None:
        return None
    for question, answers in _ASKED_BACK.items():
        asked = any(lexicon.any_of(f"ask_{question}").search(text) for lexicon in reading.lexicons)
        if asked and last.tool in answers:
            tool, fine = answers[last.tool]
            kept = {key: value for key, value in last.args.items() if key in {"invoice", "project", "client"}}
            return Call(tool, kept, fine)
    return None


def _resend(text: str, reading: Reading) -> Call | None:
    if not any(lexicon.any_of("send_it_patterns").search(text) for lexicon in reading.lexicons):
        return None
    last = _last_call(reading)
    speaks_of_link = re.search(r"\b(?:link|enlace|lien|lin)\b", text) is not None
    if last and last.tool in _RESENT and not speaks_of_link:
        tool, fine = _RESENT[last.tool]
        return Call(tool, last.args, fine)
    if reading.context.kind == "staff":
        focus = reading.context.client_focus
        return Call("propose_payment_link", {"client": focus}, "link_propose") if focus else None
    told_of_money = any(mention.kind in {"invoice", "payment_plan"} for mention in reading.context.mentions)
    if speaks_of_link or told_of_money:
        named = last.args.get("invoice") if last else None
        return Call("send_payment_link", {"invoice": named or "this"}, "pay_link")
    return None


def _same_for_another(text: str, reading: Reading) -> Call | None:
    noun = _elliptic_noun(text, reading)
    last = _last_call(reading)
    if noun is None:
        return None
    inner = _reading_of(noun, reading)
    if reading.context.kind == "staff":
        return _same_for_client(inner, last)
    if last is None or (last.tool not in REFERENT and last.tool != "list_invoices"):
        return None
    record = find_record(inner, "invoice_nouns")
    if record is None or record == "this":
        return None
    if last.tool == "list_invoices":
        return Call("explain_invoice", {"invoice": record}, "invoice_show")
    return Call(last.tool, {**last.args, REFERENT[last.tool]: record}, last.intent)


def _same_for_client(inner: Reading, last: Call | None) -> Call | None:
    name = find_name(inner.said, inner)
    if name is None:
        return None
    if last is not None and last.tool in _CLIENT_READS and "client" in last.args:
        return Call(last.tool, {**last.args, "client": name}, last.intent)
    return Call("client_overview", {"client": name}, "client_overview")


def _elliptic_noun(text: str, reading: Reading) -> str | None:
    """The few words after "and …", "what about …" when they hold no verb of a question."""
    for lexicon in reading.lexicons:
        found = re.match(rf"{lexicon.any_of('follow').pattern}\s+(.+)$", text, re.IGNORECASE)
        if not found:
            continue
        rest = found[1].strip()
        starts_anew = lexicon.any_of("starters").match(rest) is not None
        if len(rest.split()) <= _MAX_WORDS and not starts_anew:
            said = reading.plain.strip(" .?!¿¡,")
            return said[len(said) - len(rest) :]
    return None


def _reading_of(words: str, reading: Reading) -> Reading:
    return Reading(words, words, reading.lexicons, reading.context, reading.vocabulary)


def _last_call(reading: Reading) -> Call | None:
    return reading.context.last_calls[-1] if reading.context.last_calls else None
