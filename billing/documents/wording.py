"""The printed words of documents in each language of the phrasebook; how figures and days are shown."""

from datetime import date
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_decimal

_WORDS: dict[str, tuple[str, ...]] = {  # in the order of _COLUMN
    "invoice": ("Invoice", "Factura", "Facture", "Rechnung", "Fatura", "Fattura"),
    "draft": ("Draft", "Borrador", "Brouillon", "Entwurf", "Rascunho", "Bozza"),
    "estimate": ("Estimate", "Presupuesto", "Devis", "Kostenvoranschlag", "Orçamento", "Preventivo"),
    "proposal": ("Proposal", "Propuesta", "Proposition", "Angebot", "Proposta", "Proposta"),
    "contract": ("Contract", "Contrato", "Contrat", "Vertrag", "Contrato", "Contratto"),
    "permit": ("Permit", "Permiso", "Autorisation", "Genehmigung", "Licença", "Autorizzazione"),
    "warranty": ("Warranty", "Garantía", "Garantie", "Garantie", "Garantia", "Garanzia"),
    "receipt": ("Receipt", "Recibo", "Reçu", "Quittung", "Recibo", "Ricevuta"),
    "statement": ("Account statement", "Estado de cuenta", "Relevé de compte", "Kontoauszug", "Extrato da conta",
                  "Estratto conto"),
    "for": ("For", "Para", "Pour", "Für", "Para", "Per"),
    "attention": ("Attn.", "A la atención de", "À l'attention de", "z. Hd.", "A/C", "c.a."),
    "issued": ("Issued", "Fecha", "Date", "Datum", "Data", "Data"),
    "due": ("Due", "Vence", "Échéance", "Fällig am", "Vencimento", "Scadenza"),
    "valid_until": ("Valid until", "Válido hasta", "Valable jusqu'au", "Gültig bis", "Válido até", "Valido fino al"),
    "valid_from": ("Valid from", "Válido desde", "Valable à partir du", "Gültig ab", "Válido desde", "Valido dal"),
    "accepted": ("Accepted", "Aceptado", "Accepté le", "Angenommen am", "Aprovado em", "Accettato il"),
    "agreed": ("Agreed", "Acordado", "Conclu le", "Geschlossen am", "Firmado em", "Concluso il"),
    "project": ("Project", "Proyecto", "Projet", "Projekt", "Projeto", "Progetto"),
    "description": ("Description", "Descripción", "Désignation", "Beschreibung", "Descrição", "Descrizione"),
    "quantity": ("Quantity", "Cantidad", "Quantité", "Menge", "Quantidade", "Quantità"),
    "price": ("Price", "Precio", "Prix", "Preis", "Preço", "Prezzo"),
    "contract_price": ("Contract price", "Precio del contrato", "Prix du contrat", "Vertragspreis",
                       "Preço do contrato", "Prezzo del contratto"),
    "amount": ("Amount", "Importe", "Montant", "Betrag", "Valor", "Importo"),
    "subtotal": ("Subtotal", "Subtotal", "Sous-total", "Zwischensumme", "Subtotal", "Subtotale"),
    "discount": ("Discount", "Descuento", "Remise", "Rabatt", "Desconto", "Sconto"),
    "tax": ("Tax", "Impuestos", "Taxe", "Steuer", "Impostos", "Imposte"),
    "total": ("Total", "Total", "Total", "Summe", "Total", "Totale"),
    "settled": ("Paid and credited", "Pagado y abonado", "Réglé et crédité", "Bezahlt und gutgeschrieben",
                "Pago e creditado", "Pagato e accreditato"),
    "balance": ("Amount due", "Importe pendiente", "Reste à payer", "Offener Betrag", "Valor em aberto",
                "Importo da pagare"),
    "paid_full": ("Paid in full", "Pagada", "Réglée", "Vollständig bezahlt", "Totalmente paga", "Saldata"),
    "received": ("Received", "Recibido", "Reçu le", "Eingegangen am", "Recebido em", "Ricevuto il"),
    "method": ("Paid by", "Forma de pago", "Mode de paiement", "Zahlungsart", "Forma de pagamento",
               "Modalità di pagamento"),
    "card": ("card", "tarjeta", "carte bancaire", "Karte", "cartão", "carta"),
    "transfer": ("bank transfer", "transferencia", "virement", "Überweisung", "transferência bancária", "bonifico"),
    "cash": ("cash", "efectivo", "espèces", "bar", "dinheiro", "contanti"),
    "check": ("check", "cheque", "chèque", "Scheck", "cheque", "assegno"),
    "credit_left": ("Left as credit", "Queda a su favor", "Reste en avoir", "Verbleibendes Guthaben",
                    "Resta como crédito", "Resta a credito"),
    "settles": ("Settles", "Salda", "Règle", "Beglichen", "Liquida", "Salda"),
    "period": ("Period", "Período", "Période", "Zeitraum", "Período", "Periodo"),
    "opening": ("Balance before", "Saldo anterior", "Solde précédent", "Saldo davor", "Saldo anterior",
                "Saldo precedente"),
    "closing": ("Balance now", "Saldo actual", "Solde actuel", "Aktueller Saldo", "Saldo atual", "Saldo attuale"),
    "day": ("Date", "Fecha", "Date", "Datum", "Data", "Data"),
    "charge": ("Billed", "Cargo", "Facturé", "Berechnet", "Faturado", "Fatturato"),
    "credit": ("Paid", "Abono", "Réglé", "Bezahlt", "Pago", "Pagato"),
    "running": ("Balance", "Saldo", "Solde", "Saldo", "Saldo", "Saldo"),
    "signed_for": ("Signed for", "Firmado por", "Signé pour", "Unterschrieben für", "Assinado por", "Firmato per"),
    "page": ("Page", "Página", "Page", "Seite", "Página", "Pagina"),
    "nothing": ("Nothing in this period.", "Nada en este período.", "Rien sur cette période.",
                "Nichts in diesem Zeitraum.", "Nada neste período.", "Nulla in questo periodo."),
    "number_note": (
        "Please give {number} with your payment.",
        "Indique {number} con su pago.",
        "Merci d'indiquer {number} avec votre règlement.",
        "Bitte geben Sie bei der Zahlung {number} an.",
        "Indique {number} no seu pagamento.",
        "Indichi {number} nel pagamento.",
    ),
    "estimate_note": (
        "Prices hold until the day above. Work starts after acceptance and deposit.",
        "Los precios valen hasta la fecha indicada. El trabajo empieza tras la aceptación y el anticipo.",
        "Prix valables jusqu'à la date ci-dessus. Les travaux commencent après l'accord et l'acompte.",
        "Die Preise gelten bis zum genannten Tag. Die Arbeit beginnt nach Annahme und Anzahlung.",
        "Os preços valem até a data acima. O trabalho começa após a aprovação e o sinal.",
        "I prezzi valgono fino alla data sopra. I lavori iniziano dopo l’accettazione e l’acconto.",
    ),
}  # fmt: skip
_COLUMN = {"en": 0, "es": 1, "fr": 2, "de": 3, "pt": 4, "it": 5}


def word(key: str, language: str) -> str:
    """A printed word in `language`; English where the language is not one of them."""
    return _WORDS[key][_COLUMN.get(language, 0)]


def show_day(day: date | None, locale: str) -> str:
    """A day in full, as a document says it: "November 28, 2026"; a dash where there is none."""
    return "–" if day is None else format_date(day, format="long", locale=locale)


def show_quantity(milli: int, unit: str, locale: str) -> str:
    """A quantity of thousandths with its unit: "8 h", in French "1,5 h"; the unit may be empty."""
    return f"{format_decimal(Decimal(milli) / 1000, locale=locale)} {unit}".rstrip()
