"""How long to wait for more before a message is answered: people write one thought in several texts. Pure."""

from datetime import datetime, timedelta

from bot.keywords import plain_form
from bot.wishes import find_wish

WAITS = frozenset({"sms"})  # where people write in bursts and each answer costs
FINISHED, UNFINISHED = timedelta(seconds=1.5), timedelta(seconds=4)
LONGEST = timedelta(seconds=12)  # after the first message that nobody answers yet

# Words that something follows, in six languages; without accents.
_GOES_ON = (
    "and but or so because also plus then with for to from about if when which that the a an my your our is are was i"
    " y o pero porque que con para de del el la los las un una mi su si cuando tambien"
    " et ou mais car que avec pour de du des le les un une mon ma votre si quand aussi"
    " und oder aber weil dass mit fur von zu der die das den ein eine mein meine wenn auch"
    " e ou mas porque com para do da os as um uma meu minha se quando tambem"
    " o ma perche che con per di del della il lo i gli un mio mia se anche"
)
_OPENINGS = (
    "hi|hello|hey|hey there|hi there|hello there|good morning|good afternoon|good evening|morning|evening|question"
    "|quick question|one more thing|hola|buenos dias|buenas tardes|buenas|una pregunta|bonjour|bonsoir|salut"
    "|une question|hallo|guten tag|guten morgen|guten abend|moin|eine frage|ola|bom dia|boa tarde|boa noite"
    "|uma pergunta|ciao|salve|buongiorno|buonasera|una domanda"
)
GOES_ON, OPENINGS = frozenset(_GOES_ON.split()), frozenset(_OPENINGS.split("|"))
PAIRS = (("(", ")"), ("[", "]"), ("“", "”"), ("«", "»"), ("„", "“"))


def quiet_time(channel: str, text: str) -> timedelta | None:
    """How long to wait for more after this message; None where nothing is waited for.

    channel: as Conversation.channel. A question that is asked in full, and a keyword, are not waited for longer.
    """
    if channel not in WAITS or find_wish(text, channel) is not None:
        return None
    return UNFINISHED if reads_unfinished(text) else FINISHED


def answer_time(channel: str, text: str, came: datetime, first: datetime | None) -> datetime | None:
    """When a message that came now may be answered. first: when the oldest came that nobody answers yet."""
    quiet = quiet_time(channel, text)
    if quiet is None:
        return None
    return min(came + quiet, (first or came) + LONGEST)


def reads_unfinished(text: str) -> bool:
    """Whether the words read as if more were to come: a comma, "and", an open bracket, a bare greeting."""
    said = text.strip()
    if not said:
        return False
    if said.endswith(("?", "？", "؟")):
        return False
    if said.endswith((",", ":", ";", "-", "–", "—", "…", "...", "&", "+", "/", "(")):
        return True
    if any(said.count(opening) > said.count(closing) for opening, closing in PAIRS) or said.count('"') % 2:
        return True
    plain = plain_form(said)
    if plain in OPENINGS:
        return True
    return not said.endswith((".", "!")) and plain.rpartition(" ")[2] in GOES_ON
