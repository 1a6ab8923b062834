"""Processes: the name under which one claims work, and whether the process behind a name is gone."""

import os
import socket


def new_owner(tag: str) -> str:
    """A name for this process's claims: host, process, and a tag that no earlier process had."""
    return f"{socket.gethostname()}/{os.getpid()}/{tag}"


def is_dead(owner: str, own: str) -> bool:
    """Whether the process behind a claim is surely gone: of this host, not ours, and no such process runs."""
    host, _, rest = owner.rpartition("/")[0].rpartition("/")
    if owner == own or host != socket.gethostname() or not rest.isdigit():
        return False
    if int(rest) == os.getpid():
        return True  # an earlier process had our number
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
