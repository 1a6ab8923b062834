"""A statement of an account: what moved it over a period, from an opening to a closing balance."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial

from billing.records.payments import Movement
from bot.evidence import Answer, Fact, FactKind, calculated
from bot.messages import Attachment
from bot.tools import facts
from bot.tools.context import ToolContext, facts_of
from bot.tools.days import Period, parse_period
from bot.wording import label

SHOWN = 6
USUAL = timedelta(days=92)
SIGNS = {"invoice": "billed", "payment": "paid", "retainer": "paid", "credit": "credited", "refund": "refunded"}


def statement_of(context: ToolContext, moves: Sequence[Movement], said: str) -> Answer:
    """The statement over the period that `said` names, one part for each currency; unclear words ask back."""
    period = parse_period(said, context.today, context.language) if said.strip() else _usual(context.today)
    if period is None:
        return Answer("period_unclear", {}, error=True)
    currencies = list(dict.fromkeys(move.currency for move in moves))
    parts = [_part([move for move in moves if move.currency == of], period, of) for of in currencies]
    data: facts.Data = {
        "first": calculated("period", "first", FactKind.DATE, period.first, what="first day of the period"),
        "last": calculated("period", "last", FactKind.DATE, period.last, what="last day of the period"),
        "parts": parts,
        "is_now": period.last >= context.today,
    }
    return Answer("statement", data, tuple(_card(context, part) for part in parts))


def _usual(today: date) -> Period:
    return Period(today - USUAL, today)


def _part(moves: Sequence[Movement], period: Period, currency: str) -> facts.Data:
    before = [move for move in moves if move.day < period.first]
    within = [move for move in moves if period.first <= move.day <= period.last]
    subject = f"statement_{currency}"

    def total(name: str, of: Sequence[Movement], *, minor: int | None = None) -> Fact:
        summed = sum(abs(move.amount_minor) for move in of) if minor is None else minor
        inputs = tuple(f"{move.row.__tablename__}:{move.row.id}" for move in of)
        return facts.amount(subject, name, summed, currency, f"{name}: invoices less payments and credits", *inputs)

    data: facts.Data = {"currency": currency, "moves": [_move(move) for move in within[-SHOWN:]]}
    data["more"] = facts.count(subject, "more", max(0, len(within) - SHOWN), "movements not listed")
    data["opening"] = total("opening", before, minor=sum(move.amount_minor for move in before))
    closing = [*before, *within]
    data["closing"] = total("closing", closing, minor=sum(move.amount_minor for move in closing))
    data["in_credit"] = sum(move.amount_minor for move in closing) < 0
    for name in dict.fromkeys(SIGNS.values()):
        data[name] = total(name, [move for move in within if SIGNS[move.kind] == name])
    return data


def _move(move: Movement) -> facts.Data:
    number = move.row.number
    of = facts_of(number, move.row)
    return {
        "kind": move.kind,
        "number": of.number(number),
        "on": of.date("on", move.day),
        "amount": of.money("moved", abs(move.amount_minor), move.currency, "amount_minor"),
        "raises": move.amount_minor > 0,
    }


def _card(context: ToolContext, part: facts.Data) -> Attachment:
    say = partial(label, context.language)
    rows = [(say(name), part[name]) for name in ("opening", "billed", "paid", "credited", "refunded", "closing")]
    shown = [row for row in rows if row[1] or row[0] in {say("opening"), say("closing")}]
    return facts.card(say("show_statement"), shown, role="statement")
