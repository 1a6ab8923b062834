"""Trouble at the command line, said in a sentence that tells what to do."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def explained() -> Iterator[None]:
    """End the process with a sentence for every trouble that a person at the command line can mend."""
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as trouble:
        sentence = _sentence(trouble)
        if sentence is None:
            raise
        sys.exit(sentence)


def _sentence(trouble: Exception) -> str | None:
    # Imported only when something went wrong: `frontdesk --help` must not wait for a database library.
    from sqlalchemy.exc import ArgumentError, OperationalError

    from bot.evaluation.reading import BadScenarioError
    from bot.providers import ModelSettingError
    from channels.asking import NoAnswerError
    from channels.evaluating.adding import NoSuchMessageError
    from channels.evaluating.suites import NothingToRunError
    from channels.settings import BadSettingsError

    if isinstance(trouble, BadSettingsError):
        return f"A setting cannot be used:\n{trouble}"
    if isinstance(trouble, ArgumentError):
        return f"FRONTDESK_DATABASE_URL cannot be used: {trouble}"
    if isinstance(trouble, OperationalError):
        return f"The database does not answer: {trouble.orig}\nCheck FRONTDESK_DATABASE_URL, or run `frontdesk doctor`."
    told = (BadScenarioError, ModelSettingError, NoAnswerError, NoSuchMessageError, NothingToRunError)
    if isinstance(trouble, told):
        return str(trouble)
    return None
