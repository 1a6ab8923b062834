"""`python -m tests.bench [NAME …]`: measure, and print what, figure and aim."""

import importlib
import os
import sys
import time

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
    took: list[float] = []
    for name in names or BENCHES:
        took.append(yardstick())
        print(f"{name} … (the yardstick: {took[-1]:.2f} s)", file=sys.stderr, flush=True)
        measured = importlib.import_module(f"tests.bench.{name}").run()
        figures += measured
        print(table(measured), file=sys.stderr, flush=True)
    print(f"On {machine()}; the yardstick took {min(took):.2f} to {max(took):.2f} s:\n")
    print(table(figures))
    return 0 if all(figure.is_met for figure in figures) else 1


def machine() -> str:
    """The size of the machine that measured."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    python = ".".join(str(part) for part in sys.version_info[:3])
    return f"{len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB of memory, Python {python}"


def yardstick() -> float:
    """Seconds for a fixed piece of work: how fast the machine is at this moment, which a shared one changes by half."""
    began = time.perf_counter()
    counts: dict[int, int] = {}
    for number in range(2_000_000):
        counts[number % 1000] = counts.get(number % 777, 0) + 1
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
