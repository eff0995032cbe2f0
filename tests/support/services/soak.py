"""A nurse's requests over and over: no error, and the service's memory does not grow.

Usage: python -m support.services.soak SECONDS    on a demonstration, in a folder that is removed
"""

import itertools
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from support.services.service import Browser, Service, environment, form_with, service

OK = 200
WARM_UP = 0.3
"""The part of the time in which caches fill."""
MOST_GROWTH = 0.05
_MEMORY = re.compile(r"^process_resident_memory_bytes\S* (\S+)", re.MULTILINE)
_CASE = re.compile(r'href="/(case/[0-9a-f]{32}/)"')


@dataclass(frozen=True, slots=True)
class Soaked:
    """What a soak found. ``grown`` is a part of the memory after warming up."""

    requests: int
    errors: list[tuple[str, int]]
    grown: float
    megabytes: float


def soak(folder: Path, seconds: float) -> Soaked:
    """Work as a nurse for so long."""
    with (
        service(folder, environment(folder), str(folder / "demo"), command="demo") as running,
        Browser(running.address) as browser,
    ):
        browser.sign_in(*person(running, "nurse"))
        cases = _CASE.findall(browser.get("worklist/").text)
        begin, statuses, memory = time.monotonic(), [], 0.0
        for answer in _requests(browser, itertools.cycle(cases)):
            statuses.append(answer)
            spent = time.monotonic() - begin
            if not memory and spent > seconds * WARM_UP:
                memory = _memory(browser)
            if spent > seconds:
                break
        last = _memory(browser)
    errors = [(path, status) for path, status in statuses if status != OK]
    return Soaked(len(statuses), errors, last / memory - 1, last / 1e6)


def person(running: Service, role: str) -> tuple[str, str]:
    """The address and the password of a made-up person, as a demonstration prints them."""
    line = re.compile(rf"^  {role} +(\S+) +(\S+)\n", re.MULTILINE)
    while not (found := line.search(running.said.read_text("utf-8"))):
        time.sleep(0.1)
    return found[1], found[2]


def _requests(browser: Browser, cases: Iterator[str]) -> Iterator[tuple[str, int]]:
    """The paths and statuses of a nurse's requests, without end; every answer is written."""
    for number in itertools.count():
        case = next(cases)
        for path in ("worklist/", "worklist/chase", f"{case}history", "about", "nurse/", "ready"):
            yield path, browser.get(path).status_code
        page = browser.page(case)
        if any("Save" in form.buttons for form in page.forms):
            form = form_with(page, "Save")
            form.fields = [pair for pair in form.fields if not pair[0].startswith("q-levels")]
            saved = browser.send(form, case, "Save", **{"q-levels": str(1 + number % 3)})
            yield f"save {case}", saved.status_code


def _memory(browser: Browser) -> float:
    found = _MEMORY.search(browser.get("metrics").text)
    assert found
    return float(found[1])


def main(seconds: str) -> None:
    """Print what was found; stop with 1 if it is too much."""
    with tempfile.TemporaryDirectory() as folder:
        found = soak(Path(folder), float(seconds))
    sys.stdout.write(
        f"{found.requests} requests, {len(found.errors)} errors {found.errors[:3]},"
        f" {found.megabytes:.0f} MB, grown by {found.grown:.1%}\n"
    )
    sys.exit(bool(found.errors) or found.grown > MOST_GROWTH)


if __name__ == "__main__":
    main(*sys.argv[1:])
