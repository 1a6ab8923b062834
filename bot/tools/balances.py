"""Facts of open balances, as several tools tell them: owed, overdue, disputed, since when."""

from collections.abc import Iterable, Mapping, Sequence

from billing.records.balances import Owed
from bot.evidence import Fact, FactKind, calculated
from bot.tools.context import ToolContext
from bot.tools.facts import Data, amount, count, distance

MANY_INPUTS = 50


def owed_facts(context: ToolContext, owed: Owed, subject: str) -> Data:
    """One group's balance: name, owed, overdue, disputed, invoices, oldest due day and how far that is."""
    inputs = tuple(f"{number}.balance" for number in owed.numbers[:MANY_INPUTS])
    return {
        "name": _name(owed, subject),
        "currency": owed.currency,
        "owed": amount(subject, "owed", owed.owed, owed.currency, "sum of open balances", *inputs),
        "overdue": amount(
            subject, "overdue", owed.overdue, owed.currency, "sum of balances past their due day", *inputs
        ),
        "disputed": amount(subject, "disputed", owed.disputed, owed.currency, "sum of disputed balances", *inputs),
        "invoices": count(subject, "invoices", owed.invoices, "open invoices"),
        "is_late": bool(owed.overdue),
        "is_part_late": 0 < owed.overdue < owed.owed,
        "due_on": calculated(subject, "due_on", FactKind.DATE, owed.oldest_due, what="oldest due day", inputs=inputs)
        if owed.oldest_due
        else "",
        **distance(context, subject, owed.oldest_due),
    }


def _name(owed: Owed, subject: str) -> Fact | str:
    if not owed.record_id:
        return ""
    record = f"{owed.table}:{owed.record_id}"
    return Fact(subject, "name", FactKind.NAME, owed.name, record, "name", owed.version)


def total_facts(rows: Iterable[Owed], subject: str) -> list[Data]:
    """Sums by currency, the one with most invoices first: owed, overdue, disputed, invoices, clients."""
    by_currency: dict[str, list[Owed]] = {}
    for row in rows:
        by_currency.setdefault(row.currency, []).append(row)
    most_first = sorted(by_currency.items(), key=lambda item: -sum(row.invoices for row in item[1]))
    return [_total(group, currency, subject) for currency, group in most_first]


def _total(rows: Sequence[Owed], currency: str, subject: str) -> Data:
    inputs = tuple(f"{row.name}.owed" for row in rows[:MANY_INPUTS])
    unit = currency.lower()

    def money(name: str, minor: int) -> Fact:
        return amount(subject, f"{name}_{unit}", minor, currency, f"sum of {name} by client", *inputs)

    return {
        "currency": currency,
        "owed": money("owed", sum(row.owed for row in rows)),
        "overdue": money("overdue", sum(row.overdue for row in rows)),
        "disputed": money("disputed", sum(row.disputed for row in rows)),
        "invoices": count(subject, f"invoices_{unit}", sum(row.invoices for row in rows), "open invoices"),
        "groups": count(subject, f"groups_{unit}", len(rows), "those who owe"),
    }


def credit_facts(credit: Mapping[str, int], subject: str) -> list[Fact]:
    """Money held for a client that settles no invoice, one amount a currency."""
    what = "payments received less what they settle and what was given back"
    return [
        amount(subject, f"credit_{currency.lower()}", minor, currency, what)
        for currency, minor in sorted(credit.items())
    ]


def unique_subjects(rows: Sequence[Owed], unnamed: str) -> list[str]:
    """A subject for each row that no other row has: its name, with currency and place where names repeat."""
    seen: dict[str, int] = {}
    subjects = []
    for row in rows:
        name = row.name or unnamed
        times = seen[name] = seen.get(name, 0) + 1
        subjects.append(name if times == 1 else f"{name} {row.currency} ({times})")
    return subjects
