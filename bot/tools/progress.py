"""Facts of projects, tasks and requests, as staff are told them."""

from billing.records.work import TaskOfClient
from billing.tables.people import Client, Staff
from billing.tables.work import Project, Request, TaskStatus
from bot.evidence import Fact
from bot.tools.context import ToolContext, facts_of
from bot.tools.facts import Data, count, distance


def project_facts(context: ToolContext, project: Project) -> Data:
    """A project with its next step, when it is expected and whether that is later than agreed."""
    of = facts_of(project.number, project)
    waiting = [task for task in project.tasks if task.status is not TaskStatus.DONE]
    due = project.expected_on or project.due_on
    next_step: Data | str = ""
    if waiting:
        step = facts_of(f"{project.number} step {waiting[0].position}", waiting[0])
        next_step = {
            "title": step.text("title", waiting[0].title),
            "due_on": step.date("due_on", waiting[0].due_on) if waiting[0].due_on else "",
            "status": str(waiting[0].status),
        }
    agreed, expected = project.due_on, project.expected_on or context.today
    return {
        "number": of.number(project.number),
        "name": of.name("name", project.name),
        "status": str(project.status),
        "next_step": next_step,
        "open_steps": count(project.number, "open_steps", len(waiting), "steps not done"),
        "due_on": of.date("due_on", due, "expected_on" if project.expected_on else "due_on") if due else "",
        "is_late": agreed is not None and agreed < expected,
        "delay": of.text("delay_reason", project.delay_reason) if project.delay_reason else "",
        **distance(context, project.number, due),
    }


def task_facts(context: ToolContext, seen: TaskOfClient) -> Data:
    """A task with its project and client, when it is due and how far that is."""
    subject = f"{seen.project.number} step {seen.task.position}"
    of = facts_of(subject, seen.task)
    return {
        "title": of.text("title", seen.task.title),
        "status": str(seen.task.status),
        "project": facts_of(seen.project.number, seen.project).name("name", seen.project.name),
        "client": facts_of(seen.client.name, seen.client).name("name", seen.client.name),
        "due_on": of.date("due_on", seen.task.due_on) if seen.task.due_on else "",
        **distance(context, subject, seen.task.due_on),
    }


def request_facts(request: Request, client: Client | None = None, assignee: Staff | None = None) -> Data:
    """A request: what it is, of whom, where it stands, who has it, since when."""
    of = facts_of(request.number, request)
    return {
        "number": of.number(request.number),
        "request": str(request.kind),
        "summary": of.text("summary", request.summary),
        "status": str(request.status),
        "priority": str(request.priority),
        "at": of.moment("created_at", request.created_at),
        "due_on": of.date("due_on", request.due_on) if request.due_on else "",
        "client": facts_of(client.name, client).name("name", client.name) if client else "",
        "assignee": staff_name(assignee) if assignee else "",
    }


def staff_name(staff: Staff) -> Fact:
    """The name of somebody who works here."""
    return facts_of(staff.key, staff).name("name", staff.name)
