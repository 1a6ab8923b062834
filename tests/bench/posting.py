"""A provider in a process of its own: posts signed texts at a steady rate and prints when each was acknowledged."""

import asyncio
import json
import sys
import time
from urllib.parse import urlencode, urlsplit

from channels.sms.parsing import sign
from tests.fakes.twilio_shop import TOKEN, texted

CONNECTIONS = 64  # kept open, as a provider's own are
PHONES = [f"+1212557{number:04d}" for number in range(100)]
TEXT = "what do I owe?"


def requests(url: str, signed_for: str, count: int) -> list[bytes]:
    """The bytes of `count` requests, made before the clock starts: a provider signs on machines of its own."""
    target = urlsplit(url)
    made = []
    for number in range(count):
        fields = texted(TEXT, sender=PHONES[number % len(PHONES)], sid=f"SM{number:032x}")
        body = urlencode(fields).encode()
        head = (
            f"POST {target.path} HTTP/1.1\r\nHost: {target.netloc}\r\nContent-Length: {len(body)}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"X-Twilio-Signature: {sign(TOKEN, signed_for, fields)}\r\n\r\n"
        )
        made.append(head.encode() + body)
    return made


async def post_all(url: str, signed_for: str, rate: int, seconds: int) -> list[float]:
    """Milliseconds from the moment each request is due until it is acknowledged; anything but 200 is an error."""
    target, bodies = urlsplit(url), requests(url, signed_for, rate * seconds)
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        free.put_nowait(await asyncio.open_connection(target.hostname, target.port))
    began = time.perf_counter() + 0.5

    async def post(number: int) -> float:
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        reader, writer = await free.get()
        writer.write(bodies[number])
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise ConnectionError(head.decode("latin-1").splitlines()[0])
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length.split(b":")[1]))
        free.put_nowait((reader, writer))
        return (time.perf_counter() - due) * 1000

    return list(await asyncio.gather(*(post(number) for number in range(rate * seconds))))


if __name__ == "__main__":
    url, signed_for, rate, seconds = sys.argv[1:]
    sys.stdout.write(json.dumps(asyncio.run(post_all(url, signed_for, int(rate), int(seconds)))))
