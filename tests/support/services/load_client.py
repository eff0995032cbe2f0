"""A small client that asks a service for pages, over some connections for some seconds.

Usage: python load_client.py ORDER, a ``Load`` as JSON, which ``bench_service`` gives. On each line
that names a kind of request it gets ready, and after the next it prints how the load went.

Each connection is a nurse with a case of her own. The sheet is read once and sent again with
another answer, the next version and a fresh key, so that a write is one request. An answer with
another status than is due is an error.
"""

import http.client
import json
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from support.people.web_people import PASSWORD
from support.services.service import Browser, form_with
from werkzeug.datastructures import MultiDict

WORKLIST, CASE, RESULT = "read the worklist", "read a case", "read a result"
SAVE, RECORD = "save an answer", "record a result"
READS, WRITES = (WORKLIST, CASE, RESULT), (SAVE, RECORD)
BARE_READ, BARE_WRITE = "read a bare page", "insert one row"
BUTTONS = {SAVE: ("Save", 1), RECORD: ("Show result", 2)}
"""The button of a write, and by how much the version of the case is higher afterwards."""


@dataclass(frozen=True, slots=True)
class Load:
    """What is loaded. There is a connection for each case, of the person with that address.

    ``answers`` are the fields of a whole sheet, with which each case gets its first result; without
    any the page is bare, and nobody signs in.
    """

    address: str
    seconds: float
    emails: list[str]
    cases: list[str]
    answers: dict[str, list[str]]


@dataclass(slots=True)
class Nurse:
    """One connection."""

    load: Load
    email: str
    case_id: str
    headers: dict[str, str] = field(default_factory=dict[str, str])
    fields: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    path: str = ""
    connection: http.client.HTTPConnection | None = None

    def enter(self) -> None:
        """Sign in, and record a first result."""
        parts = urlsplit(self.load.address)
        self.connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        if not self.load.answers:
            return
        with Browser(self.load.address) as browser:
            assert browser.sign_in(self.email, PASSWORD).status_code == 200
            known = browser.session.cookies.get_dict()
            self.headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in known.items())}
        self.prepare(RECORD)
        self.fields |= self.load.answers
        assert self.post(0) == 303

    def prepare(self, kind: str) -> None:
        """Have the sheet of the case ready to be sent, if that is asked for."""
        if kind in BUTTONS:
            button, _ = BUTTONS[kind]
            with Browser(self.load.address) as browser:
                browser.session.headers.update(self.headers)
                form = form_with(browser.page(f"case/{self.case_id}/"), button)
            name, value, action = form.buttons[button]
            pairs = [*form.fields, *([(name, value)] if name else [])]
            self.fields = MultiDict(pairs).to_dict(flat=False)
            self.path = action or form.action or f"/case/{self.case_id}/"
        assert self.connection
        self.connection.close()  # a server ends what is idle while a sheet is read

    def ask(self, method: str, path: str, body: str | None = None) -> int:
        """The status of an answer that is read whole."""
        assert self.connection
        form = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        self.connection.request(method, path, body, self.headers | form)
        answer = self.connection.getresponse()
        answer.read()
        return answer.status

    def post(self, higher: int) -> int:
        """Send the sheet with another answer than before."""
        other = "no" if self.fields.get("q-scoliosis") == ["yes"] else "yes"
        self.fields |= {"once": [uuid4().hex], "q-scoliosis": [other]}
        status = self.ask("POST", self.path, urlencode(self.fields, doseq=True))
        self.fields["version"] = [str(int(self.fields["version"][0]) + higher)]
        return status

    def request(self, kind: str) -> bool:
        """Ask once; gives whether the answer was as it should be."""
        pages = {WORKLIST: "/worklist/", CASE: f"/case/{self.case_id}/", BARE_READ: "/"}
        pages[RESULT] = f"/case/{self.case_id}/assessments/1"
        if kind in pages:
            return self.ask("GET", pages[kind]) == 200
        if kind == BARE_WRITE:
            return self.ask("POST", "/", "told=yes") == 303
        return self.post(BUTTONS[kind][1]) == 303

    def repeat(self, kind: str, end: float) -> tuple[list[float], int]:
        """The seconds of each request until a moment, and how many went wrong."""
        took, wrong = list[float](), 0
        while (began := time.perf_counter()) < end:
            wrong += not self.request(kind)
            took.append(time.perf_counter() - began)
        return took, wrong


def load_once(nurses: Sequence[Nurse], kind: str, seconds: float) -> str:
    """The times, the number of errors and the CPU seconds of one kind of request, as JSON."""
    cpu, end = time.process_time(), time.perf_counter() + seconds
    with ThreadPoolExecutor(len(nurses)) as pool:
        done = list(pool.map(lambda each: each.repeat(kind, end), nurses))
    took = [each for one, _ in done for each in one]
    return json.dumps([took, sum(wrong for _, wrong in done), time.process_time() - cpu])


def main(load: Load) -> None:
    """Follow the lines that come in until there are no more."""
    pairs = zip(load.emails, load.cases, strict=True)
    nurses = [Nurse(load, email, case_id) for email, case_id in pairs]
    for each in nurses:
        each.enter()
    for line in sys.stdin:
        kind = line.strip()
        for each in nurses:
            each.prepare(kind)
        _say("ready")
        sys.stdin.readline()
        _say(load_once(nurses, kind, load.seconds))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Load(**json.loads(sys.argv[1])))
