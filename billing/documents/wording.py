"""The printed words of documents in English, Spanish, French and German; how figures and days are shown."""

from datetime import date
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_decimal

_WORDS: dict[str, tuple[str, str, str, str]] = {
    "invoice": ("Invoice", "Factura", "Facture", "Rechnung"),
    "draft": ("Draft", "Borrador", "Brouillon", "Entwurf"),
    "estimate": ("Estimate", "Presupuesto", "Devis", "Kostenvoranschlag"),
    "proposal": ("Proposal", "Propuesta", "Proposition", "Angebot"),
    "contract": ("Contract", "Contrato", "Contrat", "Vertrag"),
    "permit": ("Permit", "Permiso", "Autorisation", "Genehmigung"),
    "warranty": ("Warranty", "Garantía", "Garantie", "Garantie"),
    "receipt": ("Receipt", "Recibo", "Reçu", "Quittung"),
    "statement": ("Account statement", "Estado de cuenta", "Relevé de compte", "Kontoauszug"),
    "for": ("For", "Para", "Pour", "Für"),
    "attention": ("Attn.", "A la atención de", "À l'attention de", "z. Hd."),
    "issued": ("Issued", "Fecha", "Date", "Datum"),
    "due": ("Due", "Vence", "Échéance", "Fällig am"),
    "valid_until": ("Valid until", "Válido hasta", "Valable jusqu'au", "Gültig bis"),
    "valid_from": ("Valid from", "Válido desde", "Valable à partir du", "Gültig ab"),
    "accepted": ("Accepted", "Aceptado", "Accepté le", "Angenommen am"),
    "agreed": ("Agreed", "Acordado", "Conclu le", "Geschlossen am"),
    "project": ("Project", "Proyecto", "Projet", "Projekt"),
    "description": ("Description", "Descripción", "Désignation", "Beschreibung"),
    "quantity": ("Quantity", "Cantidad", "Quantité", "Menge"),
    "price": ("Price", "Precio", "Prix", "Preis"),
    "contract_price": ("Contract price", "Precio del contrato", "Prix du contrat", "Vertragspreis"),
    "amount": ("Amount", "Importe", "Montant", "Betrag"),
    "subtotal": ("Subtotal", "Subtotal", "Sous-total", "Zwischensumme"),
    "discount": ("Discount", "Descuento", "Remise", "Rabatt"),
    "tax": ("Tax", "Impuestos", "Taxe", "Steuer"),
    "total": ("Total", "Total", "Total", "Summe"),
    "settled": ("Paid and credited", "Pagado y abonado", "Réglé et crédité", "Bezahlt und gutgeschrieben"),
    "balance": ("Amount due", "Importe pendiente", "Reste à payer", "Offener Betrag"),
    "paid_full": ("Paid in full", "Pagada", "Réglée", "Vollständig bezahlt"),
    "received": ("Received", "Recibido", "Reçu le", "Eingegangen am"),
    "method": ("Paid by", "Forma de pago", "Mode de paiement", "Zahlungsart"),
    "card": ("card", "tarjeta", "carte bancaire", "Karte"),
    "transfer": ("bank transfer", "transferencia", "virement", "Überweisung"),
    "cash": ("cash", "efectivo", "espèces", "bar"),
    "check": ("check", "cheque", "chèque", "Scheck"),
    "credit_left": ("Left as credit", "Queda a su favor", "Reste en avoir", "Verbleibendes Guthaben"),
    "settles": ("Settles", "Salda", "Règle", "Beglichen"),
    "period": ("Period", "Período", "Période", "Zeitraum"),
    "opening": ("Balance before", "Saldo anterior", "Solde précédent", "Saldo davor"),
    "closing": ("Balance now", "Saldo actual", "Solde actuel", "Aktueller Saldo"),
    "day": ("Date", "Fecha", "Date", "Datum"),
    "charge": ("Billed", "Cargo", "Facturé", "Berechnet"),
    "credit": ("Paid", "Abono", "Réglé", "Bezahlt"),
    "running": ("Balance", "Saldo", "Solde", "Saldo"),
    "signed_for": ("Signed for", "Firmado por", "Signé pour", "Unterschrieben für"),
    "page": ("Page", "Página", "Page", "Seite"),
    "nothing": ("Nothing in this period.", "Nada en este período.", "Rien sur cette période.",
                "Nichts in diesem Zeitraum."),
    "number_note": (
        "Please give {number} with your payment.",
        "Indique {number} con su pago.",
        "Merci d'indiquer {number} avec votre règlement.",
        "Bitte geben Sie bei der Zahlung {number} an.",
    ),
    "estimate_note": (
        "Prices hold until the day above. Work starts after acceptance and deposit.",
        "Los precios valen hasta la fecha indicada. El trabajo empieza tras la aceptación y el anticipo.",
        "Prix valables jusqu'à la date ci-dessus. Les travaux commencent après l'accord et l'acompte.",
        "Die Preise gelten bis zum genannten Tag. Die Arbeit beginnt nach Annahme und Anzahlung.",
    ),
}  # fmt: skip
_COLUMN = {"en": 0, "es": 1, "fr": 2, "de": 3}


def word(key: str, language: str) -> str:
    """A printed word in `language`; English where the language is not one of the four."""
    return _WORDS[key][_COLUMN.get(language, 0)]


def show_day(day: date | None, locale: str) -> str:
    """A day in full, as a document says it: "November 28, 2026"; a dash where there is none."""
    return "–" if day is None else format_date(day, format="long", locale=locale)


def show_quantity(milli: int, unit: str, locale: str) -> str:
    """A quantity of thousandths with its unit: "8 h", in French "1,5 h"; the unit may be empty."""
    return f"{format_decimal(Decimal(milli) / 1000, locale=locale)} {unit}".rstrip()
