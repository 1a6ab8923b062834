"""Which tools there are, for whom, from which assurance level, and which of them write."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from billing.principal import PrincipalKind
from bot.evidence import Answer
from bot.tools import (
    clients,
    estimates,
    files,
    invoices,
    knowledge,
    payments,
    people,
    plans,
    projects,
    reports,
    requests,
    threads,
    work,
    writing,
)
from bot.tools.context import ToolContext

Reading = Callable[..., Awaitable[Answer]]
CarryingOut = Callable[[ToolContext, Mapping[str, Any]], Awaitable[Answer]]
Who = Literal["client", "staff"]


@dataclass(frozen=True)
class ToolSpec:
    """One tool for one kind of principal, from assurance `level` on.

    run: reads (a reading tool) or plans (a writing one). carry_out: set for writing tools only.
    always_proposed: it is carried out on the person's yes alone, whatever their words granted.
    """

    name: str
    who: Who
    level: int
    run: Reading
    carry_out: CarryingOut | None = None
    always_proposed: bool = False
    names_client: bool = False

    @property
    def writes(self) -> bool:
        return self.carry_out is not None

    @property
    def description(self) -> str:
        """The tool's docstring: what the model is told."""
        return inspect.cleandoc(self.run.__doc__ or "")

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The names of what may be said to it; all are words, none is required."""
        names = tuple(inspect.signature(self.run).parameters)[1:]
        return ("client", *names) if self.names_client else names


def _client(level: int, run: Reading, carry_out: CarryingOut | None = None, **flags: bool) -> ToolSpec:
    return ToolSpec(_name_of(run), "client", level, run, carry_out, **flags)


def _staff(level: int, run: Reading, carry_out: CarryingOut | None = None, **flags: bool) -> ToolSpec:
    return ToolSpec(_name_of(run), "staff", level, run, carry_out, **flags)


def _name_of(run: Reading) -> str:
    return run.__name__.removeprefix("plan_")


CLIENT_READS = (
    invoices.list_invoices,
    invoices.explain_invoice,
    payments.payment_status,
    payments.refund_status,
    plans.payment_plan,
    estimates.list_estimates,
    files.find_file,
    projects.project_status,
    projects.upcoming_appointments,
    requests.request_status,
)

CLIENT_TOOLS = (
    *(_client(1, run) for run in CLIENT_READS),
    _client(2, payments.account_statement),
    _client(0, knowledge.search_knowledge),
    _client(0, people.who_to_contact),
    _client(0, people.plan_hand_to_person, people.carry_out_hand_to_person),
    _client(1, payments.plan_send_payment_link, payments.carry_out_send_payment_link),
    _client(1, requests.plan_create_request, requests.carry_out_create_request),
    _client(1, requests.plan_report_payment_problem, requests.carry_out_report_payment_problem),
    _client(1, plans.plan_promise_to_pay, plans.carry_out_promise_to_pay),
    _client(1, people.plan_set_preference, people.carry_out_set_preference),
    _client(2, estimates.plan_accept_estimate, estimates.carry_out_accept_estimate, always_proposed=True),
    _client(2, people.plan_update_contact, people.carry_out_update_contact, always_proposed=True),
)

STAFF_TOOLS = (
    *(ToolSpec(_name_of(run), "staff", 1, run, names_client=True) for run in CLIENT_READS),
    ToolSpec("account_statement", "staff", 1, payments.account_statement, names_client=True),
    _staff(1, knowledge.search_knowledge),
    _staff(1, people.who_to_contact),
    _staff(1, clients.find_client),
    _staff(1, clients.client_overview),
    _staff(1, reports.outstanding_balances),
    _staff(1, reports.aging_report),
    _staff(1, reports.revenue_report),
    _staff(1, reports.list_payments),
    _staff(1, work.open_work),
    _staff(1, work.list_requests),
    _staff(1, threads.conversation_history),
    _staff(2, work.plan_update_request, work.carry_out_update_request),
    _staff(2, threads.plan_take_conversation, threads.carry_out_take_conversation),
    _staff(2, threads.plan_hand_back, threads.carry_out_hand_back),
    _staff(2, threads.plan_add_note, threads.carry_out_add_note),
    _staff(2, writing.plan_propose_payment_link, writing.carry_out_propose_payment_link, always_proposed=True),
    _staff(2, writing.plan_propose_message, writing.carry_out_propose_message, always_proposed=True),
    _staff(2, writing.plan_record_payment, writing.carry_out_record_payment, always_proposed=True),
)

ALL = (*CLIENT_TOOLS, *STAFF_TOOLS)


def tools_for(kind: PrincipalKind, assurance: int) -> tuple[ToolSpec, ...]:
    """The tools that a principal of this kind may use at this level of assurance."""
    return tuple(spec for spec in ALL if spec.who == kind.value and spec.level <= assurance)


def find_tool(kind: PrincipalKind, name: str) -> ToolSpec | None:
    """A tool of this kind of principal by its name, whatever its level."""
    return next((spec for spec in ALL if spec.who == kind.value and spec.name == name), None)


async def run_tool(spec: ToolSpec, context: ToolContext, said: Mapping[str, str], *, granted: bool) -> Answer:
    """Run a tool. A writing one is carried out at once only when `granted`; else its plan is the proposal."""
    answer = await _run(spec, context, said)
    if spec.carry_out is None or answer.error or answer.proposal is None:
        return answer
    if granted and not spec.always_proposed:
        return await spec.carry_out(context, answer.proposal["arguments"])
    return answer


async def _run(spec: ToolSpec, context: ToolContext, said: Mapping[str, str]) -> Answer:
    if not spec.names_client:
        return await spec.run(context, **said)
    rest = {name: words for name, words in said.items() if name != "client"}
    found = await clients.resolve_client(context, said.get("client", ""))
    if isinstance(found, Answer):
        return found
    return await spec.run(context.narrowed(found.id), **rest)
