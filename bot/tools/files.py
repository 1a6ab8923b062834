"""Files: finding what was asked for by kind, name, project or invoice, and handing it out."""

import re
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.files import create_file_link
from billing.records import files as records
from billing.records.files import Stored
from billing.tables.files import FileKind
from bot.evidence import Answer, Fact, FactKind
from bot.messages import Attachment, AttachmentKind, Mention
from bot.tools import facts
from bot.tools.context import ToolContext, facts_of
from bot.tools.resolving import plain, word_likeness
from bot.wording import label

SHOWN = 6
GIVEN = 3  # files handed out at once when several of a kind were asked for
FITS = 78
# What people call a kind of file; beginnings of words, without accents.
KINDS: dict[FileKind, str] = {
    FileKind.CONTRACT: r"contract|agreement|contrato|acuerdo|contrat|vertrag",
    FileKind.ESTIMATE: (r"estimat|quote|propos|presupuesto|propuesta|cotizacion|devis|angebot|orcamento|preventivo"),
    FileKind.INVOICE: r"invoice|bill|inv|factura|facture|rechnung|fatura|fattura",
    FileKind.RECEIPT: r"receipt|recibo|comprobante|recu|quittung|beleg|comprovante|ricevuta",
    FileKind.STATEMENT: r"statement|estado de cuenta|releve|kontoauszug|extrato|estratto",
    FileKind.PERMIT: r"permit|permiso|licencia|permis|genehmigung|licenca|alvara|permesso|autorizzazione",
    FileKind.WARRANTY: r"warrant|guarantee|garantia|garantie|gewahrleistung|garanzia",
    FileKind.PHOTO: r"photo|picture|image|foto|imagen|image|bild|imagem|immagine",
    FileKind.DRAWING: (
        r"drawing|floor ?plan|plans?|blueprint|sketch|plano|dibujo|dessin|zeichnung|grundriss|desenho|disegno"
    ),
}
_NOISE = frozenset(
    """
    the a an my our your of for to from me send show give get need have do you copy signed please pls pdf
    file files document documents doc docs where is are can i see which matter all el la los las un una mi mis
    de del para mandeme envieme muestreme necesito copia firmado archivo archivos documento documentos le les
    mon ma mes du des pour fichier der die das mein meine von fur datei dateien dokument dokumente that this it
    o os as uma meu minha meus minhas do da dos das preciso quero envie mande mostre assinado arquivo
    il lo i gli della dei mio mia miei mie mi serve voglio mandatemi mostratemi firmato documenti
    """.split()  # noqa: SIM905 - a list of a hundred quoted words cannot be read
)


async def find_file(context: ToolContext, query: str = "") -> Answer:
    """A stored document, photo, receipt or copy of an invoice, handed out as a file; or the list of them.

    query: what was asked for ("contract", "permit for the kitchen", "PDF of INV-1042"); empty for the list.
    """
    everything = await context.records.read(records.list_files)
    words = _words(query)
    if not words:
        return _list(context, everything)
    found = _matching(context, query, everything)
    if not found:
        there = [_facts(f"file_{n}", stored) for n, stored in enumerate(everything[:4])]
        data = {"noun": "file", "there": there, "more": len(everything) > 4}
        return Answer("nothing", data, _choices(context, everything[:3]), error=True)
    if len(found) > GIVEN:
        return _choose(context, found)
    return await _hand_out(context, found)


def _words(query: str) -> list[str]:
    return [word for word in re.findall(r"[^\W_]+", plain(query)) if word not in _NOISE]


def _matching(context: ToolContext, query: str, everything: Sequence[Stored]) -> list[Stored]:
    """Files of which every telling word of the query is true, the best first; one of them when one fits best."""
    kinds = {kind for kind, pattern in KINDS.items() if re.search(rf"\b({pattern})", plain(query))}
    rest = [word for word in _words(query) if not any(_means(word, kind) for kind in kinds)]
    fits = [stored for stored in everything if not kinds or stored.file.kind in kinds]
    if kinds and not fits:
        # "Plans" may be part of a name where no drawing is stored.
        fits, rest = list(everything), _words(query)
    if rest:
        scored = [(_likeness(rest, stored), stored) for stored in fits]
        best = max((score for score, _ in scored), default=0.0)
        fits = [stored for score, stored in scored if score >= max(FITS, best - 5)]
    elif len(fits) > 1:
        fits = _in_focus(context, fits) or fits
    return fits


def _means(word: str, kind: FileKind) -> bool:
    return re.match(rf"({KINDS[kind]})", word) is not None


def _likeness(wanted: Sequence[str], stored: Stored) -> float:
    number = re.sub(r"\D", " ", f"{stored.invoice} {stored.estimate}")
    file = stored.file
    known = f"{file.name} {file.kind} {stored.project} {stored.invoice} {stored.estimate} {number}"
    return word_likeness(" ".join(wanted), re.sub(r"[-_.]+", " ", known))


def _in_focus(context: ToolContext, fits: Sequence[Stored]) -> list[Stored]:
    """Of several that fit, those of the record spoken of last."""
    for mention in context.mentions:
        of = [s for s in fits if mention.key in {s.invoice, s.estimate} or mention.label == s.project != ""]
        if of:
            return of
    return []


def _facts(subject: str, stored: Stored) -> facts.Data:
    of = facts_of(subject, stored.file)
    return {
        "name": of.name("name", stored.file.name),
        "kind": str(stored.file.kind),
        "project": of.text("project", stored.project, "project_id") if stored.project else "",
        "stored_on": facts_of(subject, stored.version).date("stored_on", stored.version.stored_at.date(), "stored_at"),
    }


def _list(context: ToolContext, everything: Sequence[Stored]) -> Answer:
    data = {
        "files": [_facts(f"file_{n}", stored) for n, stored in enumerate(everything[:SHOWN])],
        "count": facts.count("files", "count", len(everything), "files the client may be given"),
        "more": facts.count("files", "more", max(0, len(everything) - SHOWN), "files not listed"),
    }
    return Answer("files", data, _choices(context, everything[:SHOWN]))


def _choices(context: ToolContext, shown: Sequence[Stored]) -> tuple[Attachment, ...]:
    return tuple(
        facts.button(f"{{file_{n}.name}}", label(context.language, "say_file", name=stored.file.name))
        for n, stored in enumerate(shown)
    )


def _choose(context: ToolContext, found: Sequence[Stored]) -> Answer:
    choices = [_facts(f"file_{n}", stored) for n, stored in enumerate(found[:SHOWN])]
    data = {"noun": "file", "choices": choices, "more": len(found) > SHOWN}
    return Answer("choose", data, _choices(context, found[:SHOWN]), error=True)


async def _hand_out(context: ToolContext, found: Sequence[Stored]) -> Answer:
    """Make a link to each file and attach it."""
    tokens = [context.links.new_token() for _ in found]

    async def work(session: AsyncSession) -> None:
        for stored, token in zip(found, tokens, strict=True):
            hashed = context.links.hash_token(token)
            await create_file_link(session, version=stored.version, token_sha256=hashed, now=context.now)

    await context.records.write(work)
    shown, attached = [], []
    for n, (stored, token) in enumerate(zip(found, tokens, strict=True)):
        subject, url = f"file_{n}", context.links.file_url(token)
        link = Fact(subject, "link", FactKind.LINK, url, calculation="link to the stored file")
        shown.append(_facts(subject, stored) | {"url": link})
        extra = {"media_type": stored.version.media_type}
        attached.append(Attachment(AttachmentKind.FILE, f"{{{subject}.name}}", url, extra=extra))
    mentions = tuple(Mention("file", stored.file.name) for stored in found)
    return Answer("file", {"files": shown, "is_one": len(shown) == 1}, tuple(attached), mentions)
