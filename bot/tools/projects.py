"""Projects: how far they are, what comes next, and agreed times."""

from collections.abc import Sequence
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from billing.records import projects as records
from billing.records.projects import RUNNING, ProjectStory
from billing.tables.people import Staff
from billing.tables.work import Appointment, Project, Task, TaskStatus
from bot.evidence import Answer
from bot.messages import Mention
from bot.tools import facts
from bot.tools.context import ToolContext, facts_of
from bot.tools.resolving import Candidate, Noun, resolve
from bot.tools.topics import who_answers
from bot.wording import label

SHOWN = 4


async def project_status(context: ToolContext, project: str = "") -> Answer:
    """How a project is going: steps done, what is being done, the next step and who does it, when it ends, delays.

    project: what the person called it; empty for the one spoken of, the only running one, or all running ones.
    """
    everything = await context.records.read(records.list_projects)
    candidates = [_candidate(context, row) for row in everything]
    running = [candidate for candidate in candidates if candidate.is_open]
    in_focus = any(mention.kind == "project" for mention in context.mentions)
    if not project.strip() and not in_focus and len(running) != 1:
        return await _several(context, running or candidates)
    found = resolve(context, Noun("project", "say_project"), project, candidates)
    if isinstance(found, Answer):
        return found
    return await _one(context, found.row)


def _candidate(context: ToolContext, project: Project) -> Candidate[Project]:
    of = facts_of(project.number, project)
    shown: facts.Data = {"number": of.number(project.number), "name": of.name("name", project.name)}
    return Candidate(
        row=project,
        number=project.number,
        words=(project.name, project.place, project.description),
        shown=shown,
        label=str(shown["name"]),
        day=project.started_on or context.today,
        due=project.expected_on or project.due_on or context.today,
        is_open=project.status in RUNNING,
        is_overdue=_is_late(context, project),
    )


async def _several(context: ToolContext, candidates: Sequence[Candidate[Project]]) -> Answer:
    ids = [candidate.row.id for candidate in candidates[:SHOWN]]
    stories = await context.records.read(partial(records.get_stories, project_ids=ids, now=context.now))
    running = [story for story in stories if story.project.status in RUNNING]
    data: facts.Data = {
        "projects": [story_facts(context, story) for story in running or stories],
        "has_running": bool(running),
        "count": facts.count("projects", "count", len(candidates), "projects"),
    }
    mentions = tuple(_mention(story.project) for story in running or stories)
    return Answer("projects", data, mentions=mentions)


async def _one(context: ToolContext, project: Project) -> Answer:
    stories = await context.records.read(partial(records.get_stories, project_ids=[project.id], now=context.now))
    ask = facts.button(label(context.language, "person"), label(context.language, "say_person"))
    return Answer("project", story_facts(context, stories[0]), (ask,), (_mention(project),))


def _mention(project: Project) -> Mention:
    return Mention("project", project.number, project.name)


def _is_late(context: ToolContext, project: Project) -> bool:
    if project.status not in RUNNING or project.due_on is None:
        return False
    return project.due_on < context.today or (project.expected_on or project.due_on) > project.due_on


def story_facts(context: ToolContext, story: ProjectStory) -> facts.Data:
    """What the phrasebook may say of one project."""
    project, number = story.project, story.project.number
    of = facts_of(number, project)
    done = [task for task in project.tasks if task.status is TaskStatus.DONE]
    left = [task for task in project.tasks if task.status is not TaskStatus.DONE]
    doing = [task for task in left if task.status is TaskStatus.DOING]
    following = [task for task in left if task.status is not TaskStatus.DOING]
    data: facts.Data = {
        "number": of.number(number),
        "name": of.name("name", project.name),
        "status": str(project.status),
        "place": of.text("place", project.place) if project.place else "",
        "is_late": _is_late(context, project),
        "delay_reason": of.text("delay_reason", project.delay_reason) if project.delay_reason else "",
        "done": facts.count(number, "done", len(done), "tasks done"),
        "steps": facts.count(number, "steps", len(project.tasks), "tasks in all"),
        "has_steps": bool(project.tasks),
        "doing": [_task(number, task, story) for task in doing[:2]],
        "next": _task(number, following[0], story) if following else "",
        "last_done": _task(number, done[-1], story) if done else "",
        "manager": facts.person_facts(story.manager),
        "appointment": _appointment(f"{number} visit", story.next_appointment, {}) if story.next_appointment else "",
    }
    days = {"started_on", "due_on", "expected_on", "finished_on"}
    return data | {name: of.date(name, getattr(project, name)) if getattr(project, name) else "" for name in days}


def _task(number: str, task: Task, story: ProjectStory) -> facts.Data:
    of = facts_of(f"{number} step {task.position}", task)
    return {
        "title": of.text("title", task.title),
        "due_on": of.date("due_on", task.due_on) if task.due_on else "",
        "done_on": of.date("done_on", task.done_on) if task.done_on else "",
        "is_blocked": task.status is TaskStatus.BLOCKED,
        "who": facts.person_facts(story.assignees.get(task.id)),
    }


async def upcoming_appointments(context: ToolContext) -> Answer:
    """Agreed times that are still to come: what for, when, where and with whom."""

    async def work(session: AsyncSession) -> tuple[Sequence[Appointment], dict[int, Staff], Staff | None]:
        coming = await records.list_appointments(session, context.now)
        staff = await records.staff_by_id(session)
        return coming, staff, await who_answers(session, "schedule", context.principal.client_id)

    coming, staff, helper = await context.records.read(work)
    data: facts.Data = {
        "appointments": [_appointment(f"appointment_{n}", row, staff) for n, row in enumerate(coming[:SHOWN])],
        "more": facts.count("appointments", "more", max(0, len(coming) - SHOWN), "appointments not listed"),
        "helper": facts.person_facts(helper),
    }
    return Answer("appointments", data)


def _appointment(subject: str, row: Appointment, staff: dict[int, Staff]) -> facts.Data:
    of = facts_of(subject, row)
    return {
        "purpose": of.text("purpose", row.purpose),
        "at": of.moment("at", row.starts_at, "starts_at"),
        "place": of.text("place", row.place) if row.place else "",
        "who": facts.person_facts(staff.get(row.staff_id or 0)),
    }
