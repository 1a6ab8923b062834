"""STOP, START, HELP, and a plain yes or no: decided in code, before any model."""

import re
import unicodedata
from enum import StrEnum


class Keyword(StrEnum):
    """What a short message decides by itself."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    YES = "yes"
    NO = "no"
    TELEGRAM = "telegram"


WORDS: dict[Keyword, frozenset[str]] = {
    Keyword.STOP: frozenset(
        {
            "stop", "stopall", "stop all", "unsubscribe", "unsub", "opt out", "optout", "opt me out", "revoke",
            "stop sms", "stop text", "stop texts", "stop texting", "stop message", "stop messages", "stop messaging",
            "unsubscribe me", "remove me", "reply stop", "text stop", "send stop", "stop now", "stopp", "stoppen",
            "abmelden", "austragen", "abbestellen", "arret", "arreter", "arretez", "desabonner", "desabonnement",
            "desinscription", "desinscrire", "baja", "dar de baja", "darme de baja", "cancelar suscripcion", "alto",
            "detener", "parar", "pare", "parem", "sair", "cancelar inscricao", "descadastrar", "remover",
            "disiscrivimi", "disiscrivermi", "cancellami", "annulla iscrizione", "ferma", "fermatevi",
        }
    ),
    Keyword.START: frozenset(
        {"start", "unstop", "subscribe", "opt in", "optin", "restart", "alta", "resume", "iniciar", "riprendi",
         "reprendre", "start texting me again", "start messaging me again"}
    ),
    Keyword.TELEGRAM: frozenset({"telegram", "telegram link", "telegram please", "enlace telegram", "lien telegram"}),
    Keyword.HELP: frozenset({"help", "info", "ayuda", "aide", "hilfe", "ajuda", "aiuto"}),
    Keyword.YES: frozenset(
        {
            "y", "yes", "yes please", "yep", "yeah", "yup", "ok", "okay", "k", "sure", "sure thing", "go ahead",
            "do it", "please do", "confirm", "confirmed", "yes do it", "yes go ahead", "yes send it", "ok do it",
            "ok yes", "yes ok", "send it", "ok send it", "si", "si por favor", "dale", "claro", "vale",
            "de acuerdo", "adelante", "confirmo", "hazlo", "envialo", "si envialo", "oui", "oui merci",
            "oui svp", "d accord", "daccord", "vas y", "allez y", "ja", "ja bitte", "jawohl", "gerne", "einverstanden",
            "sim", "sim por favor", "sim claro", "sim pode", "sim envie", "pode enviar", "com certeza", "esta bem",
            "certo", "si certo", "si grazie", "si per favore", "va bene", "si va bene", "d accordo", "daccordo",
            "certamente", "confermo",
        }
    ),
    Keyword.NO: frozenset(
        {
            "n", "no", "nope", "nah", "no thanks", "no thank you", "dont", "do not", "cancel", "cancel it", "not now",
            "never mind", "nevermind", "leave it", "forget it", "dont send", "dont send it", "no gracias", "cancelar",
            "cancela", "mejor no", "ahora no", "dejalo", "non", "non merci", "annule", "annuler", "pas maintenant",
            "nein", "nein danke", "abbrechen", "nicht jetzt", "nao", "nao obrigado", "nao obrigada",
            "agora nao", "deixa", "no grazie", "annulla", "non ora", "lascia stare", "meglio di no", "end", "quit",
        }
    ),
}  # fmt: skip

# A no elsewhere; by SMS the provider takes them for STOP, and blocks what we would send.
STOP_BY_SMS = frozenset({"cancel", "end", "quit"})
# What Twilio itself answers, when it is the whole message ("Twilio support for opt-out keywords").
ANSWERED_BY_PROVIDER = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "start", "unstop"}
)
POLITE = re.compile(
    r"^(?:(?:please|pls|plz|bitte|por favor|svp|per favore) )+|(?: (?:please|pls|plz|now|thanks|thank you|bitte|danke"
    r"|por favor|gracias|svp|s il vous plait|sil vous plait|merci|per favore|grazie|obrigado|obrigada))+$"
)
STRETCHED = re.compile(r"s+t+o+p+")


def find_keyword(text: str, channel: str = "") -> Keyword | None:
    """The keyword that the whole message is, whatever its case, accents, spaces, punctuation or emoji; else None.

    channel: as Conversation.channel; what is a plain no elsewhere is STOP by SMS.
    """
    forms = _forms(text)
    if channel == "sms" and not STOP_BY_SMS.isdisjoint(forms[:2]):
        return Keyword.STOP
    return next((keyword for keyword, words in WORDS.items() if not words.isdisjoint(forms[:1])), None) or (
        Keyword.STOP if not WORDS[Keyword.STOP].isdisjoint(forms) else None
    )


def is_answered_by_provider(text: str) -> bool:
    """Whether a provider that answers STOP and START itself has answered this message."""
    return plain_form(text) in ANSWERED_BY_PROVIDER


def _forms(text: str) -> list[str]:
    """The message as it is, then without what does not count: "S T O P", "stop stop", "stoppp", "stop please"."""
    plain = plain_form(text)
    words = plain.split()
    if len(words) > 1 and all(len(word) == 1 for word in words):
        words = ["".join(words)]
    if len(set(words)) == 1:
        words = words[:1]
    if len(words) == 1 and STRETCHED.fullmatch(words[0]):
        words = ["stop"]
    bare = " ".join(words)
    return [plain, bare, POLITE.sub("", bare)]


def plain_form(text: str) -> str:
    """Lower-case words without accents, punctuation or emoji: "¡Sí, envíalo!" → "si envialo"."""
    apart = unicodedata.normalize("NFKD", text).casefold().replace("'", "").replace("’", "")
    bare = "".join(char for char in apart if not unicodedata.combining(char) and unicodedata.category(char) != "Cf")
    return " ".join(re.findall(r"[a-z0-9]+", bare))
