"""Letters: a mail server and the local mailbox take the same ones, and a server's refusals are told apart."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from pydantic import SecretStr

from channels.mail import LocalMailbox, Mail, MailGateway, SMTPMailer, build_mailer
from channels.outgoing import RefusedError, ToSend, TryLaterError
from channels.settings import Settings
from tests.conftest import Run
from tests.fakes.clock import NOW
from tests.fakes.mail_server import MailServer

LETTER = Mail("dana.lee@mail.example", "Your code for Harbor & Pine", "Your code is 482913. Grüße", "code-7@frontdesk")


def letters_in(folder: Path) -> list[EmailMessage]:
    found = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(folder.glob("*.eml"))]
    return [letter for letter in found if isinstance(letter, EmailMessage)]


async def sent_by(form: str, mail: Mail, folder: Path) -> list[EmailMessage]:
    """What arrives of a letter that is sent twice."""
    if form == "mailbox":
        box = LocalMailbox(folder, "office@harborandpine.example")
        await box.send(mail)
        await box.send(mail)
        return letters_in(folder)
    server = MailServer()
    mailer = SMTPMailer(await server.start(), "office@harborandpine.example")
    try:
        await mailer.send(mail)
    finally:
        await server.stop()
    return server.letters


@pytest.mark.parametrize("form", ["mailbox", "server"])
def test_letter_arrives_as_it_was_written(form: str, tmp_path: Path, run: Run) -> None:
    (letter,) = run(sent_by(form, LETTER, tmp_path))
    assert letter["To"] == "dana.lee@mail.example"
    assert letter["From"] == "office@harborandpine.example"
    assert letter["Subject"] == "Your code for Harbor & Pine"
    assert letter["Message-ID"] == "<code-7@frontdesk>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content().strip() == "Your code is 482913. Grüße"


@pytest.mark.parametrize("form", ["mailbox", "server"])
def test_line_break_in_an_address_sends_nothing(form: str, tmp_path: Path, run: Run) -> None:
    bad = Mail("dana@mail.example\r\nBcc: thief@evil.example", "x", "y", "code-8@frontdesk")
    with pytest.raises(ValueError, match=r"linefeed|carriage|newline"):
        run(sent_by(form, bad, tmp_path))
    assert letters_in(tmp_path) == []


@pytest.mark.parametrize(("answer", "error"), [("550 no such mailbox", RefusedError), ("451 busy", TryLaterError)])
def test_refusals_for_good_and_for_now_are_told_apart(answer: str, error: type[Exception], run: Run) -> None:
    async def story() -> None:
        server = MailServer(answer=answer)
        mailer = SMTPMailer(await server.start(), "office@harborandpine.example")
        with pytest.raises(error):
            await mailer.send(LETTER)
        await server.stop()
        with pytest.raises(TryLaterError):  # nobody listens any more
            await mailer.send(LETTER)
        assert server.letters == []

    run(story())


def test_queued_message_leaves_as_a_letter(tmp_path: Path, run: Run) -> None:
    gateway = MailGateway(LocalMailbox(tmp_path))
    message = ToSend(1, "abc", 1, "email:harbor-and-pine", "old@mail.example", "Changed.", (), "en", NOW)
    sent = run(gateway.send(message))
    assert sent.provider_id == "abc@frontdesk"
    assert letters_in(tmp_path)[0]["Subject"] == "Your contact data at Harbor And Pine"
    assert run(gateway.find_sent(message)) is None


def test_settings_choose_server_or_mailbox(tmp_path: Path) -> None:
    assert isinstance(build_mailer(Settings(data=tmp_path)), LocalMailbox)
    server = build_mailer(
        Settings(data=tmp_path, smtp_url=SecretStr("smtp://office%40x.example:secret@mail.example:587"))
    )
    assert isinstance(server, SMTPMailer)
    assert server.sender == "office@x.example"
    assert "hunter2" not in repr(Settings(data=tmp_path, smtp_url=SecretStr("smtp://u:hunter2@mail.example")))
