"""Links that stand inside a record's own words: only those that lead to the business itself are shown."""

import re
from collections.abc import Iterable, Mapping

from bot.claims.figures import LINK
from bot.evidence import Fact, FactKind

FOUND = re.compile(LINK, re.IGNORECASE)
HOST = re.compile(r"^(?:[a-z][a-z0-9+.-]*://)?(?:www\.)?([^/:?#\s]+)", re.IGNORECASE)
LEFT_OUT = "[…]"


def without_foreign_links(shown: str, fact: Fact, known: Mapping[str, Fact]) -> str:
    """Words of a record, whoever wrote them, without links to elsewhere; links that a tool made stay."""
    is_words = fact.kind in {FactKind.TEXT, FactKind.NAME} and bool(fact.record)
    return own_links_only(shown, known.values()) if is_words else shown


def own_links_only(text: str, known: Iterable[Fact]) -> str:
    """`text` without links that lead elsewhere than to the business of these facts."""
    if "." not in text:
        return text
    own = _own_hosts(known)
    return FOUND.sub(lambda match: match.group() if _host(match.group()) in own else LEFT_OUT, text)


def _host(link: str) -> str:
    found = HOST.match(link)
    return found.group(1).casefold() if found else ""


def _own_hosts(known: Iterable[Fact]) -> set[str]:
    known = list(known)
    hosts = {_host(str(fact.value)) for fact in known if fact.kind is FactKind.LINK}
    own = {str(fact.value) for fact in known if fact.kind is FactKind.EMAIL and fact.subject == "business"}
    return hosts | {address.rpartition("@")[2].casefold() for address in own}
