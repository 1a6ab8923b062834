"""What people call the things that somebody at the business answers for, and who that is."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from billing.records import people as records
from billing.tables.bills import Invoice
from billing.tables.people import Staff
from bot.tools.context import ToolContext
from bot.tools.resolving import plain, word_likeness
from bot.wording import label

# A topic as people name it → the words under which staff are on file, in the businesses' languages. The first
# that somebody answers for wins.
TOPICS: dict[str, tuple[str, ...]] = {
    "billing": ("billing", "payments", "invoices", "paperwork", "factures", "paiements", "rechnungen"),
    "plans": ("payment plans", "billing", "payments", "échéanciers", "paiements", "factures"),
    "disputes": ("disputes", "complaints", "réclamations", "billing", "factures"),
    "refunds": ("refunds", "remboursements", "billing", "factures"),
    "complaints": ("complaints", "disputes", "réclamations"),
    "schedule": ("schedule", "site", "calendrier", "chantier"),
    "estimates": ("estimates", "contracts", "devis", "conception"),
    "warranty": ("warranty", "garanties", "carpentry", "installation"),
    "materials": ("materials", "finishes", "conception", "carpentry"),
    "changes": ("changes", "modifications", "schedule", "site", "chantier"),
    "data": ("paperwork", "privacy", "données", "billing", "factures"),
    "spanish": ("spanish",),
    "german": ("deutsch",),
}  # fmt: skip
# Beginnings of words, without accents, in the languages of the phrasebook.
_WORDS: tuple[tuple[str, str], ...] = (
    (
        "plans",
        (
            r"payment plan|instal|plan de pago|plazos|echeanc|ratenz|extension|"
            r"plano de pag|parcel|prestac|piano di pag|rateizz|rateal"
        ),
    ),
    ("refunds", r"refund|reembols|devoluc|rembours|erstatt|rimbors"),
    ("disputes", r"disput|wrong|incorrect|overcharg|cobr\w* de mas|contest|litig|reklamier|errad|sbagliat"),
    ("complaints", r"complain|unhappy|queja|reclam|beschwer"),
    (
        "billing",
        (
            r"bill|invoic|pay|receipt|money|charg|factur|pago|recibo|cobr|paiement|recu|rechnung|zahl|beleg|"
            r"fatur|pagam|fattur|ricevut|bonific"
        ),
    ),
    (
        "estimates",
        (
            r"estimat|quot|propos|contract|presupuest|cotiz|contrat|devis|angebot|vertrag|"
            r"orcament|preventiv"
        ),
    ),
    ("warranty", r"warrant|garant|repair|reparac|gewahr|riparaz|conserto"),
    ("materials", r"material|finish|colou?r|wood|acaba[dm]|couleur|farbe|madeira|legno|finitur"),
    ("changes", r"chang|modif|cambi|ander|alterac|alterar|mudar|mudanc"),
    (
        "schedule",
        (
            r"schedul|appoint|visit|crew|deliver|site|key|start|when|cita|horario|obra|rendez|chantier|termin|"
            r"agend|appuntament|orari|cantier"
        ),
    ),
    ("data", r"\bdata|privacy|datos|donnees|daten|dados|dati\b"),
    ("spanish", r"spanish|espanol|espanhol|spagnol"),
    ("german", r"german|aleman|allemand|deutsch|tedesc"),
)


def topic_of(said: str) -> str:
    """The topic that `said` is about, or "" when it names none."""
    words = plain(said)
    return next((topic for topic, pattern in _WORDS if re.search(rf"\b({pattern})", words)), "")


async def who_answers(session: AsyncSession, topic: str, client_id: int | None) -> Staff | None:
    """Whom to turn to about a topic; about none: who looks after the client, else the owner."""
    staff = await records.list_staff(session)
    found = records.answering_for(staff, TOPICS.get(topic, ()))
    if found is None:
        found = await records.find_client_manager(session, client_id)
    return found or (staff[0] if staff else None)


def named_person(said: str, staff: Sequence[Staff]) -> Staff | None:
    """The staff member whose first or whole name stands in `said`."""
    words = set(plain(said).split())
    for person in staff:
        if any(part in words for part in plain(person.name).split() if len(part) > 2):
            return person
    by_title = [person for person in staff if word_likeness(plain(said), person.title) > 90]
    return by_title[0] if len(by_title) == 1 else None


def offer_to_ask(context: ToolContext, topic: str, reason: str, invoice: Invoice | None = None) -> Mapping[str, Any]:
    """What a yes to "shall I ask …?" carries out: a request to whom answers for `topic`.

    reason: a label key; staff read it in the business's language.
    """
    subject = invoice.number if invoice else ""
    spoken = label(context.business.locale[:2], reason)
    arguments = {
        "topic": topic,
        "reason": f"{spoken} ({subject})" if subject else spoken,
        "invoice_id": invoice.id if invoice else None,
    }
    return {"action": "hand_to_person", "arguments": arguments, "subject": subject or spoken}
