"""Tests of open_work, list_requests and update_request."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.tables.work import Priority, ProjectStatus, Request, RequestStatus, TaskStatus
from bot.evidence import Answer
from bot.messages import Mention
from bot.tools.work import carry_out_update_request, list_requests, open_work, plan_update_request
from tests.bot.office import Office, build_office, priya, put, seen
from tests.bot.shop import say
from tests.conftest import Run
from tests.factories.work import make_project, make_request, make_task
from tests.fakes.clock import NOW, TODAY


@pytest.fixture
def office(sqlite_door: Door, run: Run) -> Office:
    """The office with two running projects, tasks and three requests."""
    made: Office = run(build_office(sqlite_door))

    async def add(session: AsyncSession) -> None:
        shop = made.shop
        await make_task(session, project=shop.project, title="Order doors", status=TaskStatus.DONE)
        await make_task(
            session, project=shop.project, position=2, title="Fit doors", due_on=TODAY - timedelta(days=2),
            assignee_id=shop.owner.id,
        )  # fmt: skip
        await make_project(
            session, client=made.marta, number="PRJ-20", name="Terraza", due_on=TODAY - timedelta(days=10),
            expected_on=TODAY + timedelta(days=5), delay_reason="Rain",
        )  # fmt: skip
        await make_project(session, client=made.marta, number="PRJ-21", name="Old", status=ProjectStatus.DONE)
        await make_request(session, client=shop.dana, number="REQ-1", summary="A hinge squeaks")
        await make_request(
            session, client=made.marta, number="REQ-2", summary="Leak on the terrace", priority=Priority.URGENT,
            assignee_id=shop.owner.id, created_at=NOW - timedelta(hours=3),
        )  # fmt: skip
        await make_request(
            session, client=shop.dana, number="REQ-3", status=RequestStatus.DONE, closed_at=NOW, summary="Invoice copy"
        )

    run(put(sqlite_door, add))
    return made


def test_running_projects_are_listed_by_day(sqlite_door: Door, run: Run, office: Office) -> None:
    answer = run(open_work(priya(sqlite_door, office)))
    assert say(answer, "work_open") == (
        "2 running projects, 1 running late:\n"
        "Terraza for M. Alvarez; late, expected Mon 23 Nov\n"
        "Kitchen renovation for Dana Lee: next Fit doors (Mon 16 Nov)"
    )
    assert say(answer, language="es").startswith("2 proyectos en marcha, 1 con retraso:")


def test_one_project_is_told_by_name(sqlite_door: Door, run: Run, office: Office) -> None:
    answer = run(open_work(priya(sqlite_door, office), project="the terraza"))
    assert say(answer) == "Terraza for M. Alvarez; late, expected Mon 23 Nov. Why: Rain."
    assert [mention.key for mention in answer.mentions] == ["M. Alvarez", "PRJ-20"]
    none = run(open_work(priya(sqlite_door, office), project="swimming pool"))
    assert say(none) == "I find no such running project. There are Terraza (M. Alvarez), Kitchen renovation (Dana Lee)."


def test_my_work_is_tasks_and_requests(sqlite_door: Door, run: Run, office: Office) -> None:
    answer = run(open_work(priya(sqlite_door, office), assignee="me"))
    assert say(answer) == (
        "You have 1 open task and 1 open request.\n"
        "Fit doors, Kitchen renovation (Dana Lee), 2 days late\n"
        "REQ-2, M. Alvarez: Leak on the terrace"
    )
    named = run(open_work(priya(sqlite_door, office), assignee="elena"))
    assert say(named) == "Elena Ruiz has no open tasks or requests."
    assert say(named, language="es") == "Elena Ruiz no tiene tareas ni solicitudes abiertas."


def test_an_unknown_colleague_is_asked_back(sqlite_door: Door, run: Run, office: Office) -> None:
    answer = run(open_work(priya(sqlite_door, office), assignee="bob"))
    assert say(answer) == "Whom do you mean? Here work Priya Raman and Elena Ruiz."


def test_urgent_requests_come_first(sqlite_door: Door, run: Run, office: Office) -> None:
    answer = run(list_requests(priya(sqlite_door, office)))
    assert say(answer, "requests_list") == (
        "2 open requests, 1 urgent:\n"
        "REQ-2 (urgent), work from M. Alvarez: Leak on the terrace (new, Priya Raman)\n"
        "REQ-1, work from Dana Lee: A hinge squeaks (new, nobody has it yet)"
    )
    assert "REQ-3" in say(run(list_requests(priya(sqlite_door, office), status="done")))
    assert say(run(list_requests(priya(sqlite_door, office), status="all")), language="es").startswith("3 solicitudes")


async def the_request(session: AsyncSession) -> Request:
    """REQ-1 as it stands."""
    return (await session.scalars(select(Request).where(Request.number == "REQ-1"))).one()


def test_a_request_is_closed_on_the_word(sqlite_door: Door, run: Run, office: Office) -> None:
    context = priya(sqlite_door, office)
    plan = run(plan_update_request(context, request="REQ-1", status="mark it as done"))
    assert say(plan) == "Mark REQ-1 (A hinge squeaks, Dana Lee) as done?"
    assert plan.proposal is not None
    done = run(carry_out_update_request(context, plan.proposal["arguments"]))
    assert say(done) == "REQ-1 (A hinge squeaks, Dana Lee) is now done."
    assert say(done, language="es") == "REQ-1 (A hinge squeaks, Dana Lee) queda hecha."
    row = run(seen(sqlite_door, the_request))
    assert (row.status, row.closed_at) == (RequestStatus.DONE, NOW)


def test_a_request_is_given_to_somebody(sqlite_door: Door, run: Run, office: Office) -> None:
    context = priya(sqlite_door, office, mentions=(Mention("request", "REQ-1"),))
    plan = run(plan_update_request(context, request="this", assignee="elena", priority="urgent"))
    assert say(plan) == "Mark REQ-1 (A hinge squeaks, Dana Lee) as urgent and with Elena Ruiz?"
    assert plan.proposal is not None
    run(carry_out_update_request(context, plan.proposal["arguments"]))
    row = run(seen(sqlite_door, the_request))
    assert (row.priority, row.assignee_id) == (Priority.URGENT, office.shop.office.id)
    freed = run(plan_update_request(context, request="hinge", assignee="nobody"))
    assert freed.proposal is not None
    run(carry_out_update_request(context, freed.proposal["arguments"]))
    assert run(seen(sqlite_door, the_request)).assignee_id is None


def test_what_should_change_is_asked(sqlite_door: Door, run: Run, office: Office) -> None:
    answer: Answer = run(plan_update_request(priya(sqlite_door, office), request="REQ-1"))
    assert (answer.kind, answer.error) == ("change_missing", True)
    assert say(answer).startswith("What should change on REQ-1 (A hinge squeaks)")
