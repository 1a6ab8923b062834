"""E-mail going out: by SMTP, or without a server into a mailbox of files that a person can open."""

import asyncio
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import structlog

from bot.wording import label
from channels.outgoing import RefusedError, Sent, ToSend, TryLaterError
from channels.settings import Settings

log = structlog.get_logger()

PATIENCE = 20.0  # seconds for a mail server's answer
REFUSED_FOR_GOOD = 500  # SMTP codes from here on will be the same next time (RFC 5321, 4.2.1)


@dataclass(frozen=True)
class Mail:
    """One letter. message_id makes a letter that was sent twice one in most mailboxes."""

    to: str
    subject: str
    text: str
    message_id: str


class Mailer(Protocol):
    """What takes letters."""

    async def send(self, mail: Mail) -> None:
        """Hand a letter over. Raises TryLaterError, RefusedError."""


@dataclass(frozen=True)
class SMTPMailer:
    """A mail server: smtp://USER:PASSWORD@HOST:587 (STARTTLS where offered), or smtps:// on 465."""

    url: str
    sender: str = ""

    async def send(self, mail: Mail) -> None:
        """Hand a letter to the server, in a thread."""
        await asyncio.to_thread(self._send, mail)

    def _send(self, mail: Mail) -> None:
        parts = urlsplit(self.url)
        try:
            with self._open() as server:
                if parts.username:
                    server.login(unquote(parts.username), unquote(parts.password or ""))
                server.send_message(letter_of(mail, self.sender))
        except smtplib.SMTPRecipientsRefused as refused:
            code = max((code for code, _ in refused.recipients.values()), default=0)
            raise _trouble(code, "the mail server refused the address") from None
        except smtplib.SMTPResponseException as refused:
            raise _trouble(refused.smtp_code, "the mail server refused the letter") from None
        except (OSError, smtplib.SMTPException) as trouble:
            raise TryLaterError(f"the mail server cannot be reached: {type(trouble).__name__}") from None

    def _open(self) -> smtplib.SMTP:
        parts = urlsplit(self.url)
        host = parts.hostname or "localhost"
        if parts.scheme == "smtps":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(host, parts.port or 465, timeout=PATIENCE, context=context)
        server = smtplib.SMTP(host, parts.port or 587, timeout=PATIENCE)
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        return server


def _trouble(code: int, why: str) -> TryLaterError | RefusedError:
    return RefusedError(str(code), why) if code >= REFUSED_FOR_GOOD else TryLaterError(f"{why} for now ({code})")


@dataclass(frozen=True)
class LocalMailbox:
    """Letters as files that any mail program opens: `mailbox/MESSAGE.eml` in the data folder."""

    folder: Path
    sender: str = ""

    async def send(self, mail: Mail) -> None:
        """Write a letter; one that was written before is replaced."""
        await asyncio.to_thread(self._write, mail)

    def _write(self, mail: Mail) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = mail.message_id.partition("@")[0]
        path = self.folder / f"{name}.eml"
        draft = path.with_suffix(".part")
        draft.write_bytes(letter_of(mail, self.sender).as_bytes(policy=SMTP))
        draft.replace(path)
        log.warning("letter_in_mailbox", path=str(path))  # there is no mail server: who runs this looks here


def build_mailer(settings: Settings) -> Mailer:
    """The mail server of the settings, or the mailbox in the data folder."""
    url = settings.smtp_url.get_secret_value()
    if not url:
        return LocalMailbox(settings.data / "mailbox", settings.mail_from)
    return SMTPMailer(url, settings.mail_from or unquote(urlsplit(url).username or ""))


def letter_of(mail: Mail, sender: str) -> EmailMessage:
    """The letter as mail servers take it; line breaks in a header raise ValueError."""
    letter = EmailMessage()
    letter["From"] = sender or "frontdesk@localhost"
    letter["To"] = mail.to
    letter["Subject"] = mail.subject
    letter["Message-ID"] = f"<{mail.message_id}>"
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    letter.set_content(mail.text)
    return letter


@dataclass(frozen=True)
class MailGateway:
    """E-mail as a channel of the outbox: what is queued in a conversation on "email:BUSINESS" leaves as a letter."""

    mailer: Mailer
    subject_key: str = "changed_subject"

    async def send(self, message: ToSend) -> Sent:
        """Send a queued message as a letter. Raises TryLaterError, RefusedError."""
        business = message.connection.partition(":")[2].replace("-", " ").title()
        subject = label(message.language or "en", self.subject_key, business=business)
        message_id = f"{message.public_id}@frontdesk"
        await self.mailer.send(Mail(message.address, subject, message.text, message_id))
        return Sent(message_id, parts=1)

    async def find_sent(self, message: ToSend) -> Sent | None:  # noqa: ARG002 - the signature of ChannelGateway
        """Mail servers cannot be asked; a second letter carries the same Message-ID, and most mailboxes drop it."""
        return None
