"""What Twilio's error codes mean: for the message, and for the address that it was meant for."""

from dataclasses import dataclass
from enum import StrEnum


class Meaning(StrEnum):
    """What a refused message says about its address."""

    OPTED_OUT = "opted out"  # the person told the carrier or Twilio to stop
    GONE = "gone"  # nothing will ever arrive there
    GIVEN_UP = "given up"  # the same, and whoever had the number may not have it any more
    SILENT = "silent"  # did not arrive this time; after several in a row nothing more is sent
    OURS = "ours"  # the trouble is the account's or the message's; the address is as good as before


@dataclass(frozen=True)
class Refusal:
    """An error code in plain words."""

    meaning: Meaning
    why: str


# https://www.twilio.com/docs/api/errors. Which of them condemn an address follows from what Twilio says caused it:
# 30003 is also a phone that is switched off for the night, 30007 may be about the words, 30008 says nothing at all, so
# one of them alone does not silence a person's appointment reminders.
_CODES = {
    21211: Refusal(Meaning.GONE, "this is not a phone number"),
    21214: Refusal(Meaning.GONE, "this number cannot be reached"),
    21217: Refusal(Meaning.GONE, "this is not a phone number"),
    21408: Refusal(Meaning.OURS, "the account may not send to this country"),
    21606: Refusal(Meaning.OURS, "the number we send from is not the account's, or cannot send texts"),
    21610: Refusal(Meaning.OPTED_OUT, "this person replied STOP"),
    21611: Refusal(Meaning.OURS, "the number we send from has too many texts waiting"),
    21612: Refusal(Meaning.GONE, "no carrier takes texts from our number to this one"),
    21614: Refusal(Meaning.GONE, "this is not a mobile number"),
    21617: Refusal(Meaning.OURS, "the text was too long"),
    30003: Refusal(Meaning.SILENT, "the phone is switched off, out of reach, or does not take texts"),
    30004: Refusal(Meaning.GONE, "the phone or its carrier blocks our texts"),
    30005: Refusal(Meaning.GIVEN_UP, "this number is unknown or no longer in service"),
    30006: Refusal(Meaning.GONE, "this is a landline, or its carrier takes no texts"),
    30007: Refusal(Meaning.SILENT, "the carrier filtered the text out"),
    30008: Refusal(Meaning.SILENT, "the carrier did not say why it did not deliver"),
    30034: Refusal(Meaning.OURS, "the number we send from is not registered for texts to the United States"),
    63003: Refusal(Meaning.GONE, "there is nobody under this address on the channel"),
    63024: Refusal(Meaning.GONE, "there is nobody under this address on the channel"),
    63032: Refusal(Meaning.OPTED_OUT, "this person blocked us on the channel"),
}
# What the account's owner has to mend; nothing is wrong with the message, which waits.
ACCOUNT_TROUBLE = frozenset({20003, 20005, 20006, 20403, 21606, 21611, 30002, 30034})


def refusal_of(code: int | None) -> Refusal:
    """What a code means; an unknown one condemns nobody."""
    return _CODES.get(code or 0, Refusal(Meaning.OURS, f"Twilio refused it (error {code})"))
