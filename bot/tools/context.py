"""What a tool is given: whose records, which clock, which words, and how links are made."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from billing.access import Door, Records
from billing.principal import Principal, PrincipalKind
from bot.evidence import RecordFacts
from bot.messages import Mention
from knowledge.index import Found


@dataclass(frozen=True)
class BusinessCard:
    """What is public about the business; hours as in billing.tables.people.Business."""

    id: int
    slug: str
    name: str
    trade: str
    zone: str
    locale: str
    currency: str
    hours: Mapping[str, Any]
    phone: str
    email: str
    postal: str
    version: int


class LinkMaker(Protocol):
    """Makes the addresses under which pages of ours are opened."""

    def new_token(self) -> str:
        """128 random bits, URL-safe."""

    def hash_token(self, token: str) -> str:
        """The SHA-256 under which a token is stored."""

    def pay_url(self, token: str) -> str:
        """The pay page behind a payment link."""

    def file_url(self, token: str) -> str:
        """Where a stored file is fetched."""


# The address that opens the chat with a business's bot once a start link's token is put after it; None without a bot.
StartAddress = Callable[[int], Awaitable[str | None]]


async def no_start_address(_business_id: int) -> str | None:
    """No business has a bot."""
    return None


class KnowledgeSearch(Protocol):
    """Search over the business's own guides."""

    async def search(self, business_id: int, question: str, limit: int = 3) -> Sequence[Found]:
        """The passages that answer, best first; none when nothing does."""


class Row(Protocol):
    """Any row that can be evidence."""

    __tablename__: str
    id: Any
    version: Any


@dataclass(frozen=True)
class ToolContext:
    """One call's surroundings. language, locale and zone are the reader's; `key` is the call's idempotency key."""

    principal: Principal
    door: Door
    business: BusinessCard
    now: datetime
    language: str
    locale: str
    zone: str
    links: LinkMaker
    words: str = ""
    mentions: tuple[Mention, ...] = ()
    client_focus: str = ""
    conversation_id: int = 0
    turn_id: int | None = None
    key: str = ""
    knowledge: KnowledgeSearch | None = None
    start_address: StartAddress = no_start_address

    @property
    def records(self) -> Records:
        """The records this call may see and change."""
        return self.door.records_for(self.principal)

    @property
    def today(self) -> date:
        """The calendar day in the business's zone: due days are counted by it."""
        return self.now.astimezone(ZoneInfo(self.business.zone)).date()

    def narrowed(self, client_id: int) -> "ToolContext":
        """The same call over one client's records, for a staff member who named that client."""
        as_client = Principal(
            business_id=self.principal.business_id,
            kind=PrincipalKind.CLIENT,
            assurance=self.principal.assurance,
            client_id=client_id,
        )
        return replace(self, principal=as_client)


def facts_of(subject: str, row: Row) -> RecordFacts:
    """Facts of a row under its printed name."""
    return RecordFacts(subject, row.__tablename__, row.id, row.version)
