"""The frontdesk command: each of its commands in a few lines, and what runs behind it."""

import asyncio
import json
import sys
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from channels.evaluating.commands import app as evaluation

if TYPE_CHECKING:
    from channels.web.people import Person
    from channels.wiring import Frontdesk

T = TypeVar("T")
app = typer.Typer(
    help="Frontdesk answers a business's clients and staff from its own records.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # rich help costs half a second at every start
)
app.add_typer(evaluation, name="eval")
As = Annotated[str, typer.Option("--as", help="who to be: client:KEY or staff:KEY, e.g. client:dana-lee")]
Level = Annotated[int, typer.Option(min=0, max=2, help="how far you are proved: 0 unknown, 1 known, 2 proved")]
Thread = Annotated[str, typer.Option("--conversation", help="a thread of its own, by name")]


@app.callback()
def prepare() -> None:
    """Frontdesk answers a business's clients and staff from its own records."""
    from channels.logs import start_logs

    start_logs()


@app.command()
def demo(
    clients: Annotated[int, typer.Option(help="also make this many made-up clients, for benchmarks")] = 0,
    invoices: Annotated[int, typer.Option(help="and this many invoices for them")] = 0,
    serve_it: Annotated[bool, typer.Option("--serve/--no-serve", help="serve the page afterwards")] = True,
    port: Annotated[int | None, typer.Option(help="port to listen on")] = None,
) -> None:
    """Make the demo businesses where there are none, and serve the page on this machine only."""
    from channels.setting_up import make_demo, make_large
    from channels.settings import read_settings

    settings = read_settings()
    if port is not None:
        settings.port = port
    for line in asyncio.run(make_demo(settings)):
        typer.echo(line)
    if clients or invoices:
        typer.echo(asyncio.run(make_large(settings, clients or 1000, invoices or 100_000)))
        return
    if serve_it:
        from channels.serving import serve_forever

        settings.host = "127.0.0.1"
        serve_forever(settings)


@app.command()
def serve(
    answer: Annotated[
        bool, typer.Option("--answer", help="with FRONTDESK_DISPATCH=procrastinate: also answer, as a worker does")
    ] = False,
) -> None:
    """Serve Frontdesk at FRONTDESK_HOST and FRONTDESK_PORT."""
    from channels.serving import serve_forever
    from channels.settings import read_settings

    settings = read_settings()
    serve_forever(settings, answers=answer or settings.dispatch == "local")


@app.command()
def worker() -> None:
    """Answer what comes in, beside `frontdesk serve`: any number of these, on any machine, over one PostgreSQL."""
    from channels.serving import work_forever
    from channels.settings import read_settings

    settings = read_settings()
    if settings.dispatch == "local":
        typer.echo("Workers need FRONTDESK_DISPATCH=procrastinate and PostgreSQL; `serve` answers by itself.", err=True)
        raise typer.Exit(2)
    work_forever(settings)


@app.command()
def migrate() -> None:
    """Bring the database's schema up to date."""
    from billing.schema import migrate as bring_up
    from channels.settings import read_settings

    settings = read_settings()
    settings.data.mkdir(parents=True, exist_ok=True)
    asyncio.run(bring_up(settings.database))
    if settings.dispatch == "procrastinate":
        from channels.dispatch.jobs import make_job_tables

        make_job_tables(settings.database)
    typer.echo("The schema is up to date.")


@app.command()
def chat(who: As, level: Level = 2, conversation: Thread = "") -> None:
    """Chat in the terminal as somebody of the demo."""
    from rich.console import Console

    from channels.terminal import chat as talk

    async def work(frontdesk: "Frontdesk", person: "Person") -> None:
        await talk(frontdesk, person, level=level, name=conversation, console=Console())

    _with_person(who, work)


@app.command()
def ask(
    who: As,
    text: Annotated[str, typer.Argument(help="the question; - reads it from standard input")],
    level: Level = 2,
    conversation: Thread = "",
    as_json: Annotated[bool, typer.Option("--json", help="print reply, tool calls and evidence as JSON")] = False,
) -> None:
    """Ask one question in a lasting conversation, and print the answer."""
    from channels import asking

    words = sys.stdin.read() if text == "-" else text

    async def work(frontdesk: "Frontdesk", person: "Person") -> None:
        thread_id = await asking.open_thread(frontdesk, person, conversation)
        answered = await asking.ask(frontdesk, person, thread_id, words, level)
        if as_json:
            typer.echo(json.dumps(asking.as_json(answered), ensure_ascii=False))
            return
        from rich.console import Console

        from channels.terminal import show_message

        for message in answered.messages:
            show_message(message, Console())

    _with_person(who, work)


@app.command()
def understand(
    who: Annotated[str, typer.Option("--as", help="read as this person would write")] = "client:dana-lee",
) -> None:
    """Read JSON lines {"text": …} and write what each is understood to ask. Changes nothing."""
    from channels.understanding import understand_lines

    for line in understand_lines(sys.stdin, who):
        typer.echo(line)


@app.command()
def doctor() -> None:
    """Check schema, ledger and settings, and say what to do about each finding."""
    from channels.checking import check

    raise typer.Exit(_run(check(typer.echo)))


@app.command()
def why(message: Annotated[str, typer.Argument(help="a message's id, as `ask --json` prints it")]) -> None:
    """Show where each figure of a reply came from: record, field and version."""
    from channels.explaining import explain

    raise typer.Exit(_run(explain(message, typer.echo)))


@app.command()
def replay(
    turn: Annotated[str, typer.Argument(help="a turn's number, as `why` prints it, or the id of its message")],
    model: Annotated[
        str | None, typer.Option(help="ask this model over the same tool answers; builtin: our own")
    ] = None,
) -> None:
    """Tell a turn again from its journal, with no network, and compare; or see what another model would say."""
    from channels.replaying import replay as tell_again

    raise typer.Exit(_run(tell_again(turn, model, typer.echo)))


@app.command()
def erase(
    client: Annotated[str, typer.Option(help="the client whose turns are meant, by key or whole name")] = "",
    older_than: Annotated[int | None, typer.Option(min=0, help="turns that ended more than this many days ago")] = None,
    business: Annotated[str, typer.Option(help="the business, where clients of two have that name")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Erase what was said and looked up in turns: of one client, or of old ones. Receipts stay and can be checked."""
    from channels.erasing import Order
    from channels.erasing import erase as take_away

    def is_sure(question: str) -> bool:
        return yes or typer.confirm(question)

    raise typer.Exit(_run(take_away(Order(client, older_than, business), is_sure, typer.echo)))


audit = typer.Typer(help="Check that receipts are as they were written.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(audit, name="audit")


@audit.command()
def verify(
    anchor: Annotated[str, typer.Option(help="the seal of an anchor you noted: it must still be there")] = "",
) -> None:
    """Name every row of a receipt that was edited, added, moved or taken away; 1 when there is one."""
    from channels.auditing import check_receipts

    raise typer.Exit(_run(check_receipts(anchor, typer.echo)))


@audit.command("anchor")
def set_anchor() -> None:
    """Set an anchor now, beside the daily ones, and print its seal."""
    from channels.auditing import anchor_now

    raise typer.Exit(_run(anchor_now(typer.echo)))


people = typer.Typer(
    help="Whose a phone is: link it, unlink it, vouch for somebody, or say that it changed hands.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(people, name="people")
Phone = Annotated[str, typer.Argument(help="the number in full, +12125550101")]
Whom = Annotated[str, typer.Argument(help="client:KEY or staff:KEY")]
OfBusiness = Annotated[str, typer.Option(help="the business, where there are several")]


@people.command()
def link(address: Phone, who: Whom, business: OfBusiness = "") -> None:
    """Note that a number is somebody's. For seven days they are asked for a code all the same."""
    _with_address("link", address, who, business)


@people.command()
def unlink(address: Phone, who: Whom, business: OfBusiness = "") -> None:
    """Note that a number is not somebody's any more."""
    _with_address("unlink", address, who, business)


@people.command()
def vouch(
    address: Phone,
    who: Whom,
    by: Annotated[str, typer.Option(help="who vouches: the key of an owner or manager")],
    business: OfBusiness = "",
) -> None:
    """Say that this very person writes from a number: proved for half an hour, and linked."""
    _with_address("vouch", address, who, business, by)


@people.command()
def changed(address: Phone, business: OfBusiness = "") -> None:
    """Say that a number has passed to somebody else: nobody is known by it any more."""
    _with_address("changed", address, "", business)


@people.command()
def invite(
    who: Whom,
    channel: Annotated[str, typer.Option(help="the app to invite them to")] = "telegram",
    send: Annotated[str, typer.Option(help="send the link too: sms or email")] = "",
    business: OfBusiness = "",
) -> None:
    """Print a link by which somebody can go on in the business's chat app, once, within seven days."""
    from channels.inviting import Invitation, carry_out

    raise typer.Exit(_run(carry_out(Invitation(who, channel, send, business), typer.echo)))


def _with_address(deed: str, address: str, who: str, business: str, by: str = "") -> None:
    from channels.linking import Order, carry_out

    raise typer.Exit(_run(carry_out(Order(deed, address, who, by, business), typer.echo)))


connect = typer.Typer(help="Connect an account with a provider.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(connect, name="connect")


@connect.callback()
def choose_provider() -> None:
    """Connect an account with a provider."""


@connect.command()
def twilio(
    business: Annotated[str, typer.Option(help="a further business, by its key; empty: the settings' account")] = "",
    account: Annotated[str, typer.Option(help="that business's account SID, AC…")] = "",
    sender: Annotated[str, typer.Option("--from", help="its number, +12125550140, or messaging service, MG…")] = "",
) -> None:
    """Check an account at Twilio and point its number at this installation."""
    from channels.connecting import connect_twilio
    from channels.sms.connecting import Further

    further = None
    if business:
        account = account or typer.prompt("Account SID (AC…)")
        sender = sender or typer.prompt("Number or messaging service")
        further = Further(business, account, sender, typer.prompt("Auth token", hide_input=True))
    raise typer.Exit(_run(connect_twilio(further, typer.echo)))


@connect.command()
def telegram(
    business: Annotated[
        str, typer.Option("--for", "--business", help="a further business, by its key; empty: the settings' bot")
    ] = "",
) -> None:
    """Check a bot at Telegram, and have what is written to it come in here."""
    from channels.connecting import connect_telegram
    from channels.telegram.connecting import Further

    further = Further(business, typer.prompt("The bot's token", hide_input=True)) if business else None
    raise typer.Exit(_run(connect_telegram(further, typer.echo)))


@connect.command()
def website(
    origin: Annotated[list[str] | None, typer.Option(help="where the chat may stand, https://www.example.com")] = None,
    business: Annotated[str, typer.Option(help="the business, by its key, where there are several")] = "",
    signed: Annotated[str, typer.Option(help="how your server signs who is signed in: none, HS256 or RS256")] = "",
    public_key: Annotated[str, typer.Option(help="for RS256: the file of your RSA public key, in PEM")] = "",
) -> None:
    """Let your website carry the chat, and print the one line to paste there."""
    from pathlib import Path

    from billing.tables.sites import Signature
    from channels.connecting import connect_website
    from channels.web.connecting import WebsiteWish

    ways = {way.value.lower(): way for way in Signature}
    if signed and signed.lower() not in ways:
        typer.echo("--signed is none, HS256 or RS256.", err=True)
        raise typer.Exit(2)
    if public_key and not Path(public_key).is_file():
        typer.echo(f"There is no file {public_key}.", err=True)
        raise typer.Exit(2)
    key = Path(public_key).read_text("utf-8", "replace") if public_key else ""
    wish = WebsiteWish(business, tuple(origin or ()), ways.get(signed.lower()), key)
    raise typer.Exit(_run(connect_website(wish, typer.echo)))


def _with_person(who: str, work: Any) -> None:
    """Run `work` with a Frontdesk and one person of the demo, which is made where there is no database."""
    from channels.setting_up import ensure_demo
    from channels.settings import read_settings
    from channels.web.people import NoSuchPersonError, find_person
    from channels.wiring import build_frontdesk

    settings = read_settings()

    async def whole() -> None:
        for line in await ensure_demo(settings):
            typer.echo(line, err=True)
        frontdesk = build_frontdesk(settings)
        try:
            person = await find_person(frontdesk, who)
            await work(frontdesk, person)
        finally:
            await frontdesk.close()

    try:
        _run(whole())
    except NoSuchPersonError:
        typer.echo(f"There is nobody called {who!r} in the demo. Try client:dana-lee or staff:priya.", err=True)
        raise typer.Exit(2) from None


def _run(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(coroutine)


def main() -> None:
    """The console script: known trouble is said in a sentence, not in a traceback."""
    from channels.failing import explained

    with explained():
        app()
