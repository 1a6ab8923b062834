"""`python -m tests.bench [NAME …]`: measure, and print what, figure and aim."""

import importlib
import os
import sys

from tests.bench.figures import Figure, table

# The quick ones first; growth makes a million invoices twice.
BENCHES = ("start", "understanding", "turn", "overhead", "inbox", "webhooks", "workers", "memory", "growth")


def main(names: list[str]) -> int:
    """Run the named benches, or all; 1 when a figure misses its aim, 2 when a name is unknown."""
    unknown = sorted(set(names) - set(BENCHES))
    if unknown:
        print(f"There is no bench called {', '.join(unknown)}; there are {', '.join(BENCHES)}.")
        return 2
    figures: list[Figure] = []
    for name in names or BENCHES:
        print(f"{name} …", file=sys.stderr, flush=True)
        measured = importlib.import_module(f"tests.bench.{name}").run()
        figures += measured
        print(table(measured), file=sys.stderr, flush=True)
    print(f"On {machine()}:\n")
    print(table(figures))
    return 0 if all(figure.is_met for figure in figures) else 1


def machine() -> str:
    """The size of the machine that measured."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    python = ".".join(str(part) for part in sys.version_info[:3])
    return f"{len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB of memory, Python {python}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
