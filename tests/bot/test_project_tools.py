"""Projects and appointments."""

from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from bot.tools.projects import project_status, upcoming_appointments
from tests.bot.shop import Desk, Run, in_days, other_principal, say
from tests.factories.work import make_appointment, make_project, make_task
from tests.fakes.clock import NOW


def with_steps(door: Door, run: Run) -> Desk:
    """The kitchen in the middle of its work, two days before a visit."""
    desk = Desk(door, run)

    async def add(session: AsyncSession) -> None:
        project, owner = desk.shop.project, desk.shop.owner.id
        await make_task(session, project=project, position=1, title="Demolition", status="done")
        await make_task(
            session,
            project=project,
            position=2,
            title="Fit cabinets",
            status="doing",
            assignee_id=owner,
            due_on=in_days(3),
        )
        await make_task(session, project=project, position=3, title="Worktop", status="todo", due_on=in_days(9))
        await make_appointment(
            session, client=desk.shop.dana, project_id=project.id, purpose="Measure the worktop", staff_id=owner,
            starts_at=NOW + timedelta(days=2), ends_at=NOW + timedelta(days=2, hours=1),
        )  # fmt: skip

    desk.add(add)
    return desk


def test_progress_and_next_step_are_told(sqlite_door: Door, run: Run) -> None:
    answer = with_steps(sqlite_door, run).ask(project_status)
    assert say(answer, "project_progress") == (
        "Kitchen renovation: 1 of 3 steps done. Being done now: Fit cabinets with Priya, by Sat 21 Nov. "
        "After that: Worktop, by Fri 27 Nov. We come Fri 20 Nov at 10:00: Measure the worktop."
    )
    assert say(answer, "project_next_step").startswith("Being done now: Fit cabinets with Priya")
    assert answer.mentions[0].key == "PRJ-12"


def test_a_delay_is_told_with_its_reason(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    desk.add(lambda session: make_project(
        session, client=desk.shop.dana, number="PRJ-13", name="Deck", due_on=in_days(-2), expected_on=in_days(5),
        delay_reason="the boards came late",
    ))  # fmt: skip
    assert say(desk.ask(project_status, "the deck"), "project_finish") == (
        "Deck is expected to be done Mon 23 Nov instead of Mon 16 Nov: the boards came late."
    )


def test_several_projects_are_listed(sqlite_door: Door, run: Run) -> None:
    desk = with_steps(sqlite_door, run)
    desk.add(lambda session: make_project(session, client=desk.shop.dana, number="PRJ-13", name="Deck"))
    answer = desk.ask(project_status)
    assert say(answer, "projects_active").startswith("2 projects are running:\n• ")
    assert "Kitchen renovation: 1 of 3 steps done, now Fit cabinets with Priya, by Sat 21 Nov" in say(answer)
    assert desk.ask(project_status, "kitchen").kind == "project"
    assert desk.ask(project_status, "garage").kind == "nothing"


def test_no_project_is_said(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    answer = desk.ask(project_status, "", principal=other_principal(desk.shop))
    assert say(answer) == "There is no project on your account yet."


def test_appointments_still_to_come_are_told(sqlite_door: Door, run: Run) -> None:
    desk = with_steps(sqlite_door, run)
    assert say(desk.ask(upcoming_appointments)) == ("We come Fri 20 Nov at 10:00: Measure the worktop with Priya.")
    over: Any = {"starts_at": NOW - timedelta(days=1), "ends_at": NOW - timedelta(hours=23), "purpose": "Old visit"}
    desk.add(lambda session: make_appointment(session, client=desk.shop.dana, **over))
    assert "Old visit" not in say(desk.ask(upcoming_appointments))
    assert say(desk.ask(upcoming_appointments, principal=other_principal(desk.shop))).startswith(
        "No appointment is booked."
    )
