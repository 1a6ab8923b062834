"""Chat in a terminal: the same thread, cards, links and choices as on the page."""

import asyncio
import contextlib
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Scope
from billing.tables.talk import Author, Direction, Message
from channels.asking import NoAnswerError, ask, open_thread
from channels.serving import serving_beside
from channels.web.people import Person
from channels.wiring import Frontdesk

LOOK_EVERY = 0.5  # seconds
WIDEST = 88  # columns: longer lines are hard to read
PROMPT = "› "
FAREWELLS = frozenset({"/quit", "/exit", "/q"})
WHY = "/why"
Reader = Callable[[], str | None]


async def chat(
    frontdesk: Frontdesk, person: Person, *, level: int, name: str, console: Console, read: Reader | None = None
) -> None:
    """Talk until the person leaves with /quit or the end of input; what arrives meanwhile is shown.

    read: where lines come from, None at the end; the keyboard where it is not given.
    """
    screen = Screen(console)
    thread_id = await open_thread(frontdesk, person, name)
    screen.seen = await _newest(frontdesk, thread_id)
    async with serving_beside(frontdesk) as is_reachable:
        screen.say(f"{person.business_name} · you are {person.name} · /why shows sources, /quit leaves")
        if not is_reachable:
            screen.say("Links to pay or to files open only while `frontdesk demo` runs.")
        watcher = asyncio.ensure_future(_watch(frontdesk, thread_id, screen))
        try:
            with _terminal_kept():
                await _talk(frontdesk, person, thread_id, level, screen, read or screen.read_line)
        finally:
            screen.leave()
            watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watcher


async def _talk(
    frontdesk: Frontdesk, person: Person, thread_id: int, level: int, screen: "Screen", read: Reader
) -> None:
    async for words in _lines(read):
        if words == WHY:
            await _tell_why(frontdesk, screen)
            continue
        try:
            with screen.console.status("Looking it up"):
                await ask(frontdesk, person, thread_id, screen.meant(words), level)
        except NoAnswerError as late:
            screen.console.print(Text(str(late), style="yellow"))
        await _show_new(frontdesk, thread_id, screen)


async def _lines(read: Reader) -> AsyncIterator[str]:
    """What is typed, without blanks, until a farewell or the end."""
    while True:
        words = await _read(read)
        if words is None or words.strip().casefold() in FAREWELLS:
            return
        if words.strip():
            yield words.strip()


async def _read(read: Reader) -> str | None:
    """A line, read in a thread that nobody waits for: Ctrl+C must not hang until Enter is pressed."""
    loop = asyncio.get_running_loop()
    came: asyncio.Future[str | None] = loop.create_future()

    def work() -> None:
        words = read()
        with contextlib.suppress(RuntimeError):  # the loop is closed: the person has left meanwhile
            loop.call_soon_threadsafe(take, words)

    def take(words: str | None) -> None:
        if not came.done():
            came.set_result(words)

    threading.Thread(target=work, daemon=True).start()
    return await came


@contextlib.contextmanager
def _terminal_kept() -> Iterator[None]:
    """Leave the terminal as it was found, even when a line is still being edited."""
    if not sys.stdin.isatty():
        yield
        return
    import termios

    found = termios.tcgetattr(sys.stdin)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, found)


@dataclass
class Screen:
    """What the terminal shows: up to which message, which number stands for which choice, and the last card."""

    console: Console
    seen: int = 0
    newest: str = ""
    choices: dict[str, str] = field(default_factory=dict)
    are_answers: bool = False
    card: dict[str, Any] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _is_reading: bool = False

    def say(self, words: str) -> None:
        """A line of the terminal's own."""
        self.console.print(Text(words, style="dim"), width=self.width)

    @property
    def width(self) -> int:
        """Columns to write in."""
        return min(self.console.width, WIDEST)

    def read_line(self) -> str | None:
        """A line from the keyboard; None at its end. The prompt is given to input(), which edits the line."""
        with contextlib.suppress(ImportError):  # not everywhere; where it is, input() edits lines with it
            import readline  # noqa: F401 - imported for what it does
        self._is_reading = True
        try:
            return input(PROMPT)
        except (EOFError, KeyboardInterrupt):
            self.console.print()
            return None
        finally:
            self._is_reading = False

    def leave(self) -> None:
        """End the line that is being typed, if there is one."""
        if self._is_reading:
            self.console.print()

    def meant(self, words: str) -> str:
        """What a typed number stands for; other words as they are. Yes and No stand only once."""
        meant = self.choices.get(words, words)
        if self.are_answers:
            self.choices, self.are_answers = {}, False
        return meant

    def show(self, messages: Sequence[Message]) -> None:
        """Show messages that are new, above the line that is being typed."""
        if not messages:
            return
        if self._is_reading and self.console.is_terminal:
            sys.stdout.write("\r\x1b[2K")
        for message in messages:
            self.seen = message.id
            self.newest = message.public_id
            self._show(message)
        if self._is_reading and self.console.is_terminal:
            sys.stdout.write(PROMPT + _typed())
            sys.stdout.flush()

    def _show(self, message: Message) -> None:
        cards = [each for each in message.attachments if each["kind"] == "card"]
        attached = [each for each in message.attachments if each["kind"] != "card" or each != self.card]
        self.card = cards[-1] if cards else {}
        buttons = show_message(message, self.console, attached)
        if buttons:
            self.choices = {str(number): each["value"] for number, each in enumerate(buttons, 1)}
            self.are_answers = all(each["value"] == each["label"] for each in buttons)


def _typed() -> str:
    """What stands on the line that is being typed."""
    try:
        import readline
    except ImportError:  # not everywhere
        return ""
    return readline.get_line_buffer()


async def _watch(frontdesk: Frontdesk, thread_id: int, screen: Screen) -> None:
    """Show what comes unasked: a receipt, a person's message."""
    while True:
        await asyncio.sleep(LOOK_EVERY)
        await _show_new(frontdesk, thread_id, screen)


async def _show_new(frontdesk: Frontdesk, thread_id: int, screen: Screen) -> None:
    async with screen.lock:
        screen.show(
            await frontdesk.door.system(Scope.SEND).read(
                lambda session: _messages_after(session, thread_id, screen.seen)
            )
        )


async def _messages_after(session: AsyncSession, thread_id: int, after: int) -> list[Message]:
    rows = await session.scalars(
        select(Message)
        .where(Message.conversation_id == thread_id, Message.id > after, Message.direction == Direction.OUT)
        .order_by(Message.id)
    )
    return list(rows)


async def _newest(frontdesk: Frontdesk, thread_id: int) -> int:
    async def work(session: AsyncSession) -> int:
        newest = await session.scalar(
            select(Message.id).where(Message.conversation_id == thread_id).order_by(Message.id.desc()).limit(1)
        )
        return newest or 0

    return await frontdesk.door.system(Scope.SEND).read(work)


async def _tell_why(frontdesk: Frontdesk, screen: Screen) -> None:
    from bot.receipts.writing import find_receipt
    from channels.explaining import sources_of

    if not screen.newest:
        screen.say("Nothing has been answered yet.")
        return
    found = await frontdesk.door.system(Scope.DOCTOR).read(lambda session: find_receipt(session, screen.newest))
    for line in sources_of(found[1]) if found else ():
        screen.say(line)


def show_message(
    message: Message, console: Console, attached: Sequence[dict[str, Any]] | None = None
) -> list[dict[str, Any]]:
    """Print a message with what hangs on it (`attached` where less is to be shown); the choices it offers."""
    width = min(console.width, WIDEST)
    title = {Author.STAFF: "A person", Author.SYSTEM: "Notice"}.get(message.author)
    if title:
        console.print(Text(title, style="dim"))
    console.print(Text(message.text, style="green" if message.author is Author.SYSTEM else ""), width=width)
    shown = message.attachments if attached is None else attached
    for attachment in shown:
        _show_attachment(attachment, console, width)
    buttons = [each for each in shown if each["kind"] == "button"]
    if buttons:
        labels = [f"[{number}] {each['label']}".replace(" ", "\u00a0") for number, each in enumerate(buttons, 1)]
        console.print(Text("   ".join(labels), style="cyan"), width=width)
    console.print()
    return buttons


def _show_attachment(attachment: dict[str, Any], console: Console, width: int) -> None:
    match attachment["kind"]:
        case "card":
            table = Table.grid(padding=(0, 2))
            table.add_column()
            table.add_column(justify="right")
            for label, text in attachment["rows"]:
                table.add_row(Text(label), Text(text, style="bold"))
            title = Text(attachment["label"])
            panel = Panel(table, title=title, title_align="left", expand=False, width=min(width, title.cell_len + 12))
            console.print(panel)
        case "link" | "file":
            console.print(Text(attachment["label"] + ":"), width=width)
            # Never wrapped by us: a terminal opens an address only where it is whole.
            console.print(Text(attachment["value"], style="underline"), soft_wrap=True)
