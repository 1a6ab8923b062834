"""Work in hand: running projects, who has what to do, and requests."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.work import RequestChange
from billing.changes.work import update_request as change_request
from billing.records.people import list_staff
from billing.records.requests import WAITING
from billing.records.work import RequestList, open_tasks_of, requests_in, running_projects
from billing.tables.people import Client, Staff
from billing.tables.work import Priority, Project, Request, RequestStatus
from bot.evidence import Answer, Fact
from bot.messages import Mention
from bot.tools.clients import name_of
from bot.tools.context import ToolContext
from bot.tools.facts import Data, count
from bot.tools.naming import bare, best_named
from bot.tools.progress import project_facts, request_facts, staff_name, task_facts
from bot.tools.resolving import Candidate, Noun, resolve

SHOWN = 8
LOOKED_THROUGH = 200  # requests among which one is looked for by its words
ME = re.compile(r"\b(me|my|mine|myself|i|mi|mio|mia|yo|moi|mir|mich|mein|eu|meus?|minhas?|io|miei|mie)\b")
NOBODY = re.compile(r"\b(nobody|no one|unassign|unassigned|none|nadie|personne|niemand|ninguem|nessuno)\b")
STATES = {
    RequestStatus.IN_PROGRESS: (
        r"in progress|start\w*|working|ongoing|reopen|en curso|en cours|bearbeitung|em curso|em andamento|in corso"
    ),
    RequestStatus.WAITING: r"waiting|wait|on hold|paused|en espera|esperando|en attente|wartet|em espera|in attesa",
    RequestStatus.DECLINED: r"declin\w*|reject\w*|refus\w*|rechaz\w*|abgelehnt|recus\w*|respint\w*|rifiut\w*",
    RequestStatus.DONE: r"done|finish\w*|clos\w*|complet\w*|resolv\w*|hech\w*|cerrad\w*|terminad\w*|fini|erledigt|"
    r"conclu[is]\w*|encerrad\w*|feit[oa]|chius\w*|fatt[oa]|finit\w*",
    RequestStatus.NEW: r"new|nueva|nuevo|nouveau|neu|nov[oa]|nuov[oa]",
}
URGENCIES = {
    Priority.URGENT: r"urgent\w*|asap|emergency|dringend",
    Priority.HIGH: r"high|important|alta|haute|hoch",
    Priority.LOW: r"low|baja|basse|niedrig|baixa|bassa",
    Priority.NORMAL: r"normal|medium|media",
}
CLOSED = (RequestStatus.DONE, RequestStatus.DECLINED)


async def open_work(context: ToolContext, project: str = "", assignee: str = "") -> Answer:
    """What is being worked on: running projects with their next step and what runs late, or one person's tasks.

    project: only this one ("the kitchen"). assignee: whose work ("me", "elena").
    """

    async def read(session: AsyncSession) -> Answer:
        staff = await list_staff(session)
        if assignee.strip():
            person = named_staff(context, assignee, staff)
            return person if isinstance(person, Answer) else await _work_of(session, context, person)
        running = await running_projects(session)
        chosen = best_named(project, running, _labels) if project.strip() else running
        if not chosen and running and project.strip():
            return _no_such_project(context, running)
        return _projects(context, chosen, is_one=bool(project.strip()))

    return await context.records.read(read)


def _labels(pair: tuple[Project, Client]) -> tuple[str, ...]:
    project, client = pair
    return (project.name, project.number, client.name)


def named_staff(context: ToolContext, said: str, staff: Sequence[Staff]) -> Staff | Answer:
    """The member of staff that is meant, or an answer that names who works here."""
    words = bare(said)
    own = [person for person in staff if person.id == context.principal.staff_id]
    if ME.fullmatch(words) and own:
        return own[0]
    found = best_named(said, staff, lambda person: (person.name,))
    if len(found) == 1:
        return found[0]
    there = found or staff
    return Answer("staff_unknown", {"there": [staff_name(person) for person in there]}, error=True)


async def _work_of(session: AsyncSession, context: ToolContext, person: Staff) -> Answer:
    tasks = await open_tasks_of(session, person.id)
    mine = await requests_in(session, WAITING, SHOWN, assignee_id=person.id)
    data = {
        "person": staff_name(person),
        "is_me": person.id == context.principal.staff_id,
        "tasks": [task_facts(context, task) for task in tasks[:SHOWN]],
        "count": count("work", "tasks", len(tasks), "open tasks"),
        "more": _more("tasks_more", len(tasks)),
        "requests": [request_facts(request, client) for request, client in mine.requests],
        "requests_count": count("work", "requests", mine.count, "open requests"),
    }
    return Answer("work_of_person", data)


def _more(name: str, there: int) -> Fact | str:
    return count("work", name, there - SHOWN, "those not shown") if there > SHOWN else ""


def _projects(context: ToolContext, found: Sequence[tuple[Project, Client]], *, is_one: bool) -> Answer:
    rows = [{**project_facts(context, project), "client": name_of(client)} for project, client in found]
    data = {
        "projects": rows[:SHOWN],
        "is_one": is_one,
        "count": count("work", "projects", len(rows), "running projects"),
        "late": count("work", "late", sum(bool(row["is_late"]) for row in rows), "projects later than agreed"),
        "more": _more("projects_more", len(rows)),
    }
    mentions = [Mention("project", project.number, project.name) for project, _ in found[:SHOWN]]
    if len(found) == 1:
        mentions.insert(0, Mention("client", found[0][1].name, found[0][1].name))
    return Answer("work", data, mentions=tuple(mentions))


def _no_such_project(context: ToolContext, running: Sequence[tuple[Project, Client]]) -> Answer:
    there = [{**project_facts(context, project), "client": name_of(client)} for project, client in running]
    return Answer("project_unknown", {"there": there[:SHOWN]}, error=True)


async def list_requests(context: ToolContext, status: str = "") -> Answer:
    """Requests of clients: what they ask for, of whom, how urgent, since when and who has them.

    status: "open" (usual), "new", "done" or "all".
    """
    wanted = _wanted(status)
    states = {"all": tuple(RequestStatus), "done": CLOSED, "new": (RequestStatus.NEW,)}.get(wanted, WAITING)

    async def read(session: AsyncSession) -> tuple[RequestList, Sequence[Staff]]:
        return await requests_in(session, states, SHOWN), await list_staff(session)

    seen, everybody = await context.records.read(read)
    staff = {person.id: person for person in everybody}
    data = {
        "wanted": wanted,
        "requests": [
            request_facts(request, client, staff.get(request.assignee_id or 0)) for request, client in seen.requests
        ],
        "count": count("requests", "count", seen.count, f"{wanted} requests"),
        "urgent": count("requests", "urgent", seen.urgent, "urgent or high"),
        "more": count("requests", "more", seen.count - SHOWN, "those not shown") if seen.count > SHOWN else "",
    }
    return Answer("request_list", data, mentions=tuple(_mention(request) for request, _ in seen.requests))


def _wanted(said: str) -> str:
    words = bare(said)
    if re.search(r"\b(all|every|todas?|todos|tous|toutes|alle)\b", words):
        return "all"
    if re.search(STATES[RequestStatus.DONE], words):
        return "done"
    return "new" if re.search(rf"\b({STATES[RequestStatus.NEW]})\b", words) else "open"


def _mention(request: Request) -> Mention:
    return Mention("request", request.number, request.summary)


async def plan_update_request(
    context: ToolContext, request: str = "", status: str = "", assignee: str = "", priority: str = ""
) -> Answer:
    """Change a request: mark it done, in progress, waiting or declined; give it to somebody; make it urgent.

    request: its number or what it is about. status, assignee ("me", "elena", "nobody"), priority: what is to change.
    """

    async def read(session: AsyncSession) -> tuple[RequestList, Sequence[Staff]]:
        return await requests_in(session, tuple(RequestStatus), LOOKED_THROUGH), await list_staff(session)

    seen, everybody = await context.records.read(read)
    staff = {person.id: person for person in everybody}
    candidates = [_candidate(row, client, staff.get(row.assignee_id or 0)) for row, client in seen.requests]
    chosen = resolve(context, Noun("request", "say_request"), request, candidates)
    if isinstance(chosen, Answer):
        return chosen
    person = named_staff(context, assignee, everybody) if assignee.strip() and not _is_nobody(assignee) else None
    if isinstance(person, Answer):
        return person
    return _change_proposal(chosen, person, status, priority, unassign=_is_nobody(assignee))


def _candidate(request: Request, client: Client | None, assignee: Staff | None) -> Candidate[Request]:
    return Candidate(
        row=request,
        number=request.number,
        words=(request.summary, client.name if client else ""),
        shown=request_facts(request, client, assignee),
        label=f"{{{request.number}.number}} {{{request.number}.summary}}",
        day=request.created_at.date(),
        is_open=request.status in WAITING,
    )


def _is_nobody(said: str) -> bool:
    return NOBODY.search(bare(said)) is not None


def _change_proposal(
    chosen: Candidate[Request], person: Staff | None, status: str, priority: str, *, unassign: bool
) -> Answer:
    row = chosen.row
    state, urgency = _read(STATES, status), _read(URGENCIES, priority)
    data = {**chosen.shown, **_changes(state, urgency, person, unassign=unassign)}
    if not (state or urgency or person or unassign):
        return Answer("change_missing", data, mentions=(_mention(row),), error=True)
    arguments = {
        "request_id": row.id,
        "status": str(state or ""),
        "priority": str(urgency or ""),
        "assignee_id": person.id if person else None,
        "unassign": unassign,
    }
    proposal = {
        "action": "update_request", "arguments": arguments, "subject": row.number, "client_id": row.client_id,
    }  # fmt: skip
    return Answer("proposal_update_request", data, mentions=(_mention(row),), proposal=proposal)


def _changes(state: RequestStatus | None, urgency: Priority | None, person: Staff | None, *, unassign: bool) -> Data:
    return {
        "to_status": str(state or ""),
        "to_priority": str(urgency or ""),
        "to_assignee": staff_name(person) if person else "",
        "to_nobody": unassign,
    }


def _read(words_of: Mapping[Any, str], said: str) -> Any:
    words = bare(said)
    return next((kind for kind, pattern in words_of.items() if re.search(rf"\b({pattern})\b", words)), None)


async def carry_out_update_request(context: ToolContext, arguments: Mapping[str, Any]) -> Answer:
    """Change the request and say how it stands now."""
    change = RequestChange(
        status=RequestStatus(arguments["status"]) if arguments["status"] else None,
        priority=Priority(arguments["priority"]) if arguments["priority"] else None,
        assignee_id=arguments["assignee_id"],
        unassign=bool(arguments["unassign"]),
    )

    async def work(session: AsyncSession) -> tuple[Request | None, Client | None, Staff | None]:
        request = await change_request(session, int(arguments["request_id"]), change, context.now)
        if request is None:
            return None, None, None
        client = await session.get(Client, request.client_id) if request.client_id else None
        return request, client, await session.get(Staff, request.assignee_id) if request.assignee_id else None

    request, client, assignee = await context.records.write(work)
    if request is None:
        return Answer("nothing", {"noun": "request", "there": [], "more": False}, error=True)
    moved = _changes(change.status, change.priority, assignee if change.assignee_id else None, unassign=change.unassign)
    return Answer(
        "request_updated", {**request_facts(request, client, assignee), **moved}, mentions=(_mention(request),)
    )
