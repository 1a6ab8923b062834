"""How the tests of websites call the application: as the chat on a page of one, with tokens as that site signs them."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import uuid4

import httpx
import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import FastAPI

from tests.channels.web_calls import visitor
from tests.fakes.desk import START, FakeDesk

SHOP, OTHERS = "https://www.harbor-pine.example", "https://atelier.example"
SECRET = "a secret of thirty-two signs and some more"


@cache
def rsa_pair() -> tuple[str, str]:
    """A private and a public key in PEM, made once for this process."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    secret = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    shown = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return secret.decode(), shown.decode()


def claims(sub: str = "dana-lee", *, lasts: int = 120, ago: int = 0, **other: Any) -> dict[str, Any]:
    """What a website says of its visitor, at the fake desk's time."""
    now = int(START.timestamp()) - ago
    return {"sub": sub, "aud": "harbor-pine", "iat": now, "exp": now + lasts, "jti": uuid4().hex} | other


def signed(said: Mapping[str, Any] | None = None, key: str = SECRET, algorithm: str = "HS256") -> str:
    """The token of a website."""
    return jwt.encode(dict(said or claims()), key, algorithm=algorithm)


def forged(header: Mapping[str, Any], said: Mapping[str, Any], signature: bytes = b"") -> str:
    """A token put together by hand."""
    parts = [json.dumps(part).encode() for part in (header, said)] + [signature]
    return ".".join(urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def wrong_tokens() -> dict[str, str]:
    """Tokens that prove nobody, by what is wrong with them."""
    private, public = rsa_pair()
    good = signed()
    head, body, seal = good.split(".")
    without = {name: {k: v for k, v in claims().items() if k != name} for name in claims()}
    return {
        "empty signature": f"{head}.{body}.",
        "none": forged({"alg": "none", "typ": "JWT"}, claims()),
        "None": forged({"alg": "None"}, claims(), b"x"),
        "another secret": signed(key=SECRET[::-1]),
        "no secret": forged({"alg": "HS256"}, claims(), b"0" * 32),
        "changed": f"{head}.{signed(claims('amara-okafor')).split('.')[1]}.{seal}",
        "another algorithm": signed(algorithm="HS512", key=SECRET * 2),
        "RS256": signed(key=private, algorithm="RS256"),
        "expired": signed(claims(lasts=0)),
        "long expired": signed(claims(ago=4000)),
        "too long": signed(claims(lasts=900)),
        "for ever": signed(claims(exp=10**11)),
        "from tomorrow": signed(claims(iat=claims()["iat"] + 3600)),
        "not before": signed(claims(nbf=claims()["iat"] + 3600)),
        "another audience": signed(claims(aud="atelier-lumiere")),
        "no audience": signed(claims(aud=[])),
        "words for time": signed(claims(iat="yesterday")),
        "odd subject": signed(claims("x" * 400)),
        "critical": forged({"alg": "HS256", "crit": ["x"], "x": 1}, claims(), b"0"),
        "words": "not a token",
        "dots": "..",
        "huge": "a" * 60_000,
        "deep": forged({"alg": "HS256"}, {"sub": "dana-lee"} | {"x": [[[[]]]]}, b""),
        "public key": public,
        **{f"without {name}": signed(said) for name, said in without.items()},
        **{f"{name} of a number": signed(claims() | {name: True}) for name in ("exp", "iat")},
    }


async def visit(
    app: FastAPI, token: str = "", *, origin: str = SHOP, business: str = "harbor-pine", before: str = "", **more: Any
) -> httpx.Response:
    """Open the chat on a page. before: the bearer token that the tab has."""
    async with visitor(app, before, client=("198.51.100.7", 4000), host="desk.example", origin=origin) as http:
        return await http.post("/chat/visits", json={"business": business, "token": token} | more)


async def visiting(app: FastAPI, token: str = "", **more: Any) -> str:
    """The bearer token of a visit."""
    answer = await visit(app, token, **more)
    assert answer.status_code == 201, answer.text
    bearer: str = answer.json()["token"]
    return bearer


async def write(app: FastAPI, bearer: str, text: str, *, origin: str = SHOP, again: str = "") -> httpx.Response:
    """Write in the chat of a page."""
    async with visitor(app, bearer, host="desk.example", origin=origin) as http:
        return await http.post("/chat/messages", json={"id": again or str(uuid4()), "text": text})


async def seen(app: FastAPI, bearer: str, origin: str = SHOP) -> list[str]:
    """The words that stand in the chat of a page."""
    async with visitor(app, bearer, host="desk.example", origin=origin) as http:
        return [one["text"] for one in (await http.get("/chat/messages")).json()["messages"]]


async def rows_of(desk: FakeDesk) -> dict[str, int]:
    """How many rows every table has that a visit may write."""
    with desk.door.engines.reading.engine.connect() as connection:
        tables = ("address", "address_link", "conversation", "message", "site_visit", "web_session")
        return {name: connection.exec_driver_sql(f"select count(*) from {name}").scalar_one() for name in tables}
