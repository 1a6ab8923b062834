"""Who is asking: the value identity makes, and the door filters by."""

from dataclasses import dataclass
from enum import StrEnum


class PrincipalKind(StrEnum):
    """A client reads one client's records; staff read their business's."""

    CLIENT = "client"
    STAFF = "staff"


@dataclass(frozen=True)
class Principal:
    """Made by identity alone, never from a model or a message.

    client_id: None for a client principal that is not recognised (assurance 0) or has not said for whom.
    assurance: 0 unknown, 1 the address is linked to a contact on file, 2 proved within 30 minutes.
    """

    business_id: int
    kind: PrincipalKind
    assurance: int
    client_id: int | None = None
    contact_id: int | None = None
    staff_id: int | None = None
    role: str | None = None

    @property
    def is_staff(self) -> bool:
        return self.kind is PrincipalKind.STAFF


class Scope(StrEnum):
    """Work that has no principal yet, each with its list of tables (billing/access.py)."""

    INTAKE = "intake"
    IDENTITY = "identity"
    CONNECT = "connect"
    DISPATCH = "dispatch"
    SEND = "send"
    PAYMENT_EVENT = "payment_event"
    ANCHOR = "anchor"
    ERASE = "erase"
    DOCTOR = "doctor"
    IMPORT = "import"
