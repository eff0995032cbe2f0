"""The CPU seconds of processes that a measurement runs beside itself."""

import os
from collections.abc import Iterator
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def family_cpu(pid: int) -> float:
    """The CPU seconds of a process and of all that it started, those that have ended included."""
    return sum(map(_cpu, family(pid)))


def family(pid: int) -> Iterator[int]:
    """A process, and everything that it started and that still runs."""
    yield pid
    for each in Path("/proc").glob("[0-9]*"):
        fields = _fields(int(each.name))
        if fields and int(fields[1]) == pid:
            yield from family(int(each.name))


def _cpu(pid: int) -> float:
    """User and system time of a process, and of its children that were waited for."""
    return sum(map(int, _fields(pid)[11:15])) / _TICKS


def _fields(pid: int) -> list[str]:
    """The fields of a process after its name; none of one that has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
