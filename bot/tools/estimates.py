"""Estimates and proposals: what was quoted, where they are, and accepting one."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from billing.changes import estimates as changes
from billing.records import estimates as records
from billing.records.estimates import EstimateStory
from billing.tables.quotes import Estimate, EstimateStatus
from bot.evidence import Answer
from bot.messages import Attachment, Mention
from bot.tools import facts
from bot.tools.context import ToolContext, facts_of
from bot.tools.resolving import Candidate, Noun, plain, resolve
from bot.wording import label

SHOWN = 5
HOW = "yes in chat"
STATES = {
    "accepted": ("accept", "aceptad", "approved", "aprobad", "angenommen"),
    "declined": ("declin", "reject", "rechazad", "refus", "abgelehnt"),
    "expired": ("expir", "vencid", "caducad", "abgelaufen"),
    "open": ("open", "pending", "waiting", "pendient", "abiert", "en attente", "offen"),
}


async def list_estimates(context: ToolContext, status: str = "") -> Answer:
    """Estimates and proposals: what was quoted, for how much, until when it holds, what became of it, its file.

    status: "open", "accepted", "declined", "expired" or "all"; or what the person called one ("the kitchen
    one", "EST-88"); empty for the one spoken of, the only one, or all.
    """
    everything = await context.records.read(partial(records.list_estimates, with_lines=True))
    wanted = _state(status)
    chosen = [row for row in everything if wanted in {"all", ""} or state_of(context, row) == wanted]
    one = _one_meant(context, status, wanted, chosen)
    if one is not None:
        story = await context.records.read(partial(records.find_story, estimate_id=one.id))
        if story is not None:
            return _show(context, story)
    data: facts.Data = {
        "wanted": wanted or "all",
        "estimates": [_brief(context, row) for row in chosen[:SHOWN]],
        "count": facts.count("estimates", "count", len(chosen), "estimates shown to the client"),
        "more": facts.count("estimates", "more", max(0, len(chosen) - SHOWN), "estimates not listed"),
        "has_any": bool(everything),
    }
    return Answer("estimates", data, _list_buttons(context, chosen), _mentions(chosen[:SHOWN]))


def _state(said: str) -> str:
    words = plain(said)
    if words in {"all", "todos", "todas", "tous", "alle"}:
        return "all"
    return next((state for state, parts in STATES.items() if any(part in words for part in parts)), "")


def state_of(context: ToolContext, estimate: Estimate) -> str:
    """open, accepted, declined or expired; one sent whose last day is over is expired."""
    if estimate.status is EstimateStatus.SENT:
        return "open" if changes.is_open(estimate, context.today) else "expired"
    return str(estimate.status)


def _one_meant(context: ToolContext, said: str, wanted: str, chosen: Sequence[Estimate]) -> Estimate | None:
    """The one estimate to show in full: named, spoken of, or alone."""
    if len(chosen) == 1:
        return chosen[0]
    if wanted:
        return None
    candidates = [_candidate(context, row) for row in chosen]
    if not said.strip() and not any(mention.kind == "estimate" for mention in context.mentions):
        return None
    found = resolve(context, Noun("estimate", "say_estimate"), said, candidates)
    return None if isinstance(found, Answer) else found.row


def _brief(context: ToolContext, estimate: Estimate) -> facts.Data:
    return facts.estimate_facts(estimate) | {"state": state_of(context, estimate)}


def _candidate(context: ToolContext, estimate: Estimate) -> Candidate[Estimate]:
    shown = _brief(context, estimate)
    return Candidate(
        row=estimate,
        number=estimate.number,
        words=(estimate.title, *(line.description for line in estimate.lines)),
        shown=shown,
        label=f"{shown['number']} {shown['title']}",
        amounts=(estimate.total_minor,),
        currency=estimate.currency,
        day=estimate.issued_on or context.today,
        due=estimate.valid_until or context.today,
        is_open=state_of(context, estimate) == "open",
    )


def _show(context: ToolContext, story: EstimateStory) -> Answer:
    estimate = story.estimate
    data = _brief(context, estimate) | {
        "lines": _lines(context, estimate),
        "tax": facts_of(estimate.number, estimate).money("tax", estimate.tax_minor, estimate.currency, "tax_minor"),
        "accepted_on": "",
        "by_you": False,
        "project": "",
        "has_file": bool(story.files),
        "invoices": [facts.invoice_facts(context, row) for row in story.invoices[:SHOWN]],
        **facts.distance(context, estimate.number, _last_day(context, estimate)),
    }
    if story.acceptance is not None:
        of = facts_of(estimate.number, story.acceptance)
        day = facts.local_day(context, story.acceptance.accepted_at)
        mine = context.principal.contact_id
        data["accepted_on"] = of.date("accepted_on", day, "accepted_at")
        data["by_you"] = mine is not None and story.acceptance.contact_id == mine
    if story.project is not None:
        data["project"] = facts_of(story.project.number, story.project).name("name", story.project.name)
    mentions: tuple[Mention, ...] = (_mention(estimate),)
    if story.project is not None:
        mentions += (Mention("project", story.project.number, story.project.name),)
    return Answer("estimate", data, _buttons(context, story, data), mentions)


def _last_day(context: ToolContext, estimate: Estimate) -> Any:
    return estimate.valid_until if state_of(context, estimate) == "open" else None


def _lines(context: ToolContext, estimate: Estimate) -> list[facts.Data]:
    shown: list[facts.Data] = []
    for line in estimate.lines[:6]:
        of = facts_of(estimate.number, line)
        words = facts.quantity_words(line.quantity_milli, line.unit, line.description, context.locale)
        name = f"line_{line.position}"
        amount = of.money(f"{name}_amount", line.amount_minor, estimate.currency, "amount_minor")
        shown.append({"what": of.text(name, words, "description"), "amount": amount})
    return shown


def _buttons(context: ToolContext, story: EstimateStory, data: facts.Data) -> tuple[Attachment, ...]:
    say = partial(label, context.language, number=story.estimate.number)
    rows = [(label(context.language, "total"), data["total"])]
    if data["state"] == "open":
        rows.append((label(context.language, "valid"), data["valid_until"]))
    attached = [facts.card(f"{data['number']} {data['title']}", rows, role="estimate")]
    if data["state"] == "open" and context.principal.assurance > 1:
        attached.append(facts.button(say("accept"), say("say_accept")))
    if story.files:
        attached.append(facts.button(say("show_estimate"), say("say_pdf")))
    return tuple(attached)


def _list_buttons(context: ToolContext, chosen: Sequence[Estimate]) -> tuple[Attachment, ...]:
    return tuple(
        facts.button(f"{{{row.number}.number}}", label(context.language, "say_estimate", number=row.number))
        for row in chosen[:3]
    )


def _mention(estimate: Estimate) -> Mention:
    return Mention("estimate", estimate.number, estimate.title)


def _mentions(estimates: Sequence[Estimate]) -> tuple[Mention, ...]:
    return tuple(_mention(row) for row in estimates)


async def plan_accept_estimate(context: ToolContext, estimate: str = "") -> Answer:
    """Accept an estimate or proposal in the person's name; always asks for their yes first.

    estimate: what the person called it; empty for the one spoken of or the only one that waits.
    """
    everything = await context.records.read(partial(records.list_estimates, with_lines=True))
    candidates = [_candidate(context, row) for row in everything]
    if not estimate.strip():
        candidates = [candidate for candidate in candidates if candidate.is_open] or candidates
    found = resolve(context, Noun("estimate", "say_accept"), estimate, candidates)
    if isinstance(found, Answer):
        return found
    row = found.row
    if not found.is_open:
        return Answer("estimate_closed", _brief(context, row), mentions=(_mention(row),), error=True)
    return Answer(
        "proposal_accept_estimate",
        _brief(context, row) | {"lines": _lines(context, row)},
        mentions=(_mention(row),),
        proposal={
            "action": "accept_estimate",
            "arguments": {"estimate_id": row.id, "shown_sha256": changes.content_sha256(row)},
            "subject": row.number,
        },
    )


async def carry_out_accept_estimate(context: ToolContext, arguments: Mapping[str, Any]) -> Answer:
    """Accept it, if it is still what was shown and still open."""
    accept = partial(
        changes.accept_estimate,
        estimate_id=int(arguments["estimate_id"]),
        shown_sha256=str(arguments["shown_sha256"]),
        contact_id=context.principal.contact_id,
        how=HOW,
        today=context.today,
        now=context.now,
    )
    try:
        accepted = await context.records.write(accept)
    except (changes.EstimateClosedError, changes.EstimateChangedError) as refused:
        kind = "estimate_closed" if isinstance(refused, changes.EstimateClosedError) else "estimate_changed"
        row = await _again(context, arguments)
        return Answer(kind, _brief(context, row), mentions=(_mention(row),), error=True)
    if accepted is None:
        return Answer("nothing", {"noun": "estimate", "there": [], "more": False}, error=True)
    of = facts_of(accepted.number, accepted)
    data = _brief(context, accepted) | {"accepted_at": of.moment("accepted_at", context.now, "decided_at")}
    return Answer("estimate_accepted", data, mentions=(_mention(accepted),))


async def _again(context: ToolContext, arguments: Mapping[str, Any]) -> Estimate:
    row = await context.records.read(partial(records.find_estimate, estimate_id=int(arguments["estimate_id"])))
    if row is None:
        raise LookupError("an estimate that was just refused is gone")
    return row
