"""A small SMTP server on the loopback address: takes letters, refuses addresses, or answers that it is busy."""

import asyncio
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


@dataclass
class MailServer:
    """What it took; what it says to each recipient. Runs on the test's loop."""

    letters: list[EmailMessage] = field(default_factory=list)
    answer: str = "250 OK"
    _server: asyncio.Server | None = None

    async def start(self) -> str:
        """Listen; its address as a setting."""
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        return f"smtp://127.0.0.1:{port}"

    async def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        say = _sayer(writer)
        await say("220 mail.example ready")
        while line := await reader.readline():
            verb = line.split(b" ")[0].strip().upper()
            if verb == b"EHLO":
                await say("250 mail.example")
            elif verb == b"RCPT":
                await say(self.answer)
            elif verb == b"DATA":
                await say("354 go on")
                body = await reader.readuntil(b"\r\n.\r\n")
                letter = message_from_bytes(body.removesuffix(b".\r\n"), policy=policy.default)
                assert isinstance(letter, EmailMessage)
                self.letters.append(letter)
                await say("250 taken")
            elif verb == b"QUIT":
                await say("221 bye")
                break
            else:
                await say("250 OK")
        writer.close()
        await writer.wait_closed()


def _sayer(writer: asyncio.StreamWriter) -> Any:
    async def say(line: str) -> None:
        writer.write(f"{line}\r\n".encode())
        await writer.drain()

    return say
