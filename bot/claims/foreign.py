"""Links that stand inside a record's own words: only those that lead to the business itself are shown."""

import re
from collections.abc import Mapping

from bot.claims.figures import LINK
from bot.evidence import Fact, FactKind

FOUND = re.compile(LINK, re.IGNORECASE)
HOST = re.compile(r"^(?:[a-z][a-z0-9+.-]*://)?(?:www\.)?([^/:?#\s]+)", re.IGNORECASE)
LEFT_OUT = "[…]"


def without_foreign_links(shown: str, fact: Fact, known: Mapping[str, Fact]) -> str:
    """Words of a record, whoever wrote them, without links to elsewhere; links that a tool made stay."""
    if fact.kind not in {FactKind.TEXT, FactKind.NAME} or not fact.record or "." not in shown:
        return shown
    return FOUND.sub(lambda match: match.group() if _host(match.group()) in _own_hosts(known) else LEFT_OUT, shown)


def _host(link: str) -> str:
    found = HOST.match(link)
    return found.group(1).casefold() if found else ""


def _own_hosts(known: Mapping[str, Fact]) -> set[str]:
    hosts = {_host(str(fact.value)) for fact in known.values() if fact.kind is FactKind.LINK}
    own = {str(fact.value) for fact in known.values() if fact.kind is FactKind.EMAIL and fact.subject == "business"}
    return hosts | {address.rpartition("@")[2].casefold() for address in own}
