"""`frontdesk connect twilio` as it is typed: plain words where it cannot be, and never the token."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from typer.testing import CliRunner

from channels.cli import app
from tests.conftest import Run
from tests.fakes.databases import Database
from tests.fakes.twilio_shop import NUMBER, SID, TextShop

WRONG = "f" * 32


class Refusing(BaseHTTPRequestHandler):
    """Twilio, where the token is wrong."""

    def do_GET(self) -> None:
        body = b'{"code": 20003, "message": "Authenticate", "more_info": "", "status": 401}'
        self.send_response(401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def refusing() -> Iterator[str]:
    """The address of a Twilio that takes no token."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def connect(database: Database, **given: str) -> tuple[int, str]:
    """What the command ends with, and what it says."""
    env = {
        "FRONTDESK_DATABASE_URL": database.url, "FRONTDESK_PUBLIC_URL": "https://desk.example.com",
        "FRONTDESK_SECRET_KEY": "a secret of the tests", **given,
    }  # fmt: skip
    done = CliRunner().invoke(app, ["connect", "twilio"], env=env)
    return done.exit_code, done.output


def test_no_account_says_what_to_set(sqlite_database: Database) -> None:
    code, said = connect(sqlite_database)
    assert code == 1
    assert said.startswith("Not connected. Set FRONTDESK_TWILIO_ACCOUNT_SID, FRONTDESK_TWILIO_AUTH_TOKEN and")


def test_address_nobody_reaches_is_told(sqlite_database: Database) -> None:
    code, said = connect(sqlite_database, FRONTDESK_PUBLIC_URL="http://127.0.0.1:8000")
    assert (code, "Twilio cannot reach http://127.0.0.1:8000" in said) == (1, True)


def test_wrong_token_is_told_without_it(sqlite_database: Database, run: Run, refusing: str) -> None:
    run(TextShop(sqlite_database.door).open())
    code, said = connect(
        sqlite_database,
        FRONTDESK_TWILIO_ACCOUNT_SID=SID,
        FRONTDESK_TWILIO_AUTH_TOKEN=WRONG,
        FRONTDESK_TWILIO_FROM=NUMBER,
        FRONTDESK_TWILIO_API_BASE=refusing,
    )
    assert code == 1
    assert said.startswith("Not connected. ")
    assert "token" in said
    assert WRONG not in said
    assert "Traceback" not in said
