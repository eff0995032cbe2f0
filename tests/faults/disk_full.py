"""A disk that fills up under the application, in a process of its own.

Usage: disk_full.py HOW PLACE FOLDER    HOW is `limit`, a limit to the size of files, or `disk`, a
                                        small file system that only this process sees
"""

import base64
import json
import pickle
import resource
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import shutil
from dataclasses import replace

from support.faults import fault_work
from support.faults.fault_work import Done, Place

from screening.records.casework import cases
from screening.records.ledger.records import Records
from screening.records.storage.database import DatabaseUnavailableError

ROOM = 120 * 1024
PLENTY = 64 * 1024 * 1024
TRIES = 5


def main(how: str, place: Place, folder: Path) -> None:
    """Fill it, look what still works, make room, and look again."""
    if how == "disk":
        place = _on_small_disk(place, folder)
    else:
        _limit(fault_work.sqlite_file(place).stat().st_size + ROOM)
    with fault_work.opened(place) as records:
        done, refusals = _fill(records, place)
        read = cases.find_case(records, place.nurse, done[-1].case_id).version == done[-1].version
        _make_room(how, folder)
        last = fault_work.perform(records, place, done[-1].number + 1, done[-1], "room-again")
    said = {
        "written": len(done),
        "refusals": refusals,
        "read": read,
        "again": last.number == done[-1].number + 1,
        "losses": bool(fault_work.inspect(place, [*done, last])),
    }
    sys.stdout.write(json.dumps(said))


def _fill(records: Records, place: Place) -> tuple[list[Done], list[str]]:
    """Write until it is refused, and a few times more."""
    done: list[Done] = []
    refusals: list[str] = []
    until = time.monotonic() + 60
    while len(refusals) < TRIES and time.monotonic() < until:
        last = done[-1] if done else None
        number = len(done)
        try:
            key = f"operation-{number}"
            done.append(fault_work.perform(records, place, number, last, key))
        except DatabaseUnavailableError as error:
            refusals.append(str(error))
    return done, refusals


def _on_small_disk(place: Place, folder: Path) -> Place:
    """The same place on a file system of its own, with little room."""
    file = fault_work.sqlite_file(place)
    size = file.stat().st_size + 3 * ROOM
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    subprocess.run(command, check=True)
    shutil.copyfile(file, folder / file.name)
    return replace(place, address=f"sqlite:///{folder / file.name}")


def _make_room(how: str, folder: Path) -> None:
    if how == "disk":
        command = ["mount", "-o", f"remount,size={PLENTY}", str(folder)]
        subprocess.run(command, check=True)
    else:
        _limit(PLENTY)


def _limit(size: int) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))


if __name__ == "__main__":
    main(sys.argv[1], pickle.loads(base64.b64decode(sys.argv[2])), Path(sys.argv[3]))  # noqa: S301
