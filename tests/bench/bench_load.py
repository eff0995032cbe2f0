"""Requests per second and waits of ten pages, beside bare pages, with one and with two workers.

Usage: python tests/bench/bench_load.py [SECONDS]

``screening serve`` serves a demonstration; a server of the same kind serves the bare pages of
``bare_pages``. Both run in the same minute, and each page is asked for by ``READERS`` connections
for so many seconds. The load generator runs on the same processors, so with two of them it takes
a share of what is measured, and two workers cannot show twice the rate of one.

Last, letters that nobody looked at before are opened while somebody else opens the first page.
"""

import json
import logging
import os
import re
import signal
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import waitress
from bench.bare_pages import Content, bare_app, fill
from bench.load_client import READERS, Reader, Request, at_once, percentile, process, waits
from support.pages.page_reader import Page

from screening.files.rule_files import load_examples, load_ruleset
from screening.files.rule_texts import load_texts
from screening.records.installation.opening import open_records
from screening.records.installation.settings import Settings
from screening.records.operation.sample_cases import add_sample_data, set_passwords

SECONDS = 4.0
WORKERS = (1, 2)
TURNS = 2
THREADS = 4
FORMS = frozenset({"nurse's sheet", "case page", "patient's start"})
HEAD = """| page | workers | requests/s | bare | ratio | p50 ms | p99 ms | bare p99 ms |
|---|--:|--:|--:|--:|--:|--:|--:|"""


def demonstration(folder: Path) -> tuple[str, str]:
    """Make up cases in a folder; gives the sign-in of a lead nurse."""
    records = open_records(Settings.read({"SCREENING_DATA": str(folder)}))
    ruleset = load_ruleset()
    texts = {name: text.data.decode() for name, text in load_texts().items()}
    add_sample_data(records, ruleset, texts, load_examples(ruleset))
    given = set_passwords(records)
    records.database.engine.dispose()
    return "lead@both.example", given["lead@both.example"]


def signed_in(port: int, sign_in: tuple[str, str]) -> Reader:
    """The browser of the lead nurse."""
    reader = Reader(port)
    address, data = Page(reader.page("/account/sign-in")).press("Sign in")
    data["email"], data["password"] = sign_in
    status, _ = reader.ask(address, list(data.items(multi=True)))
    assert status == 302, status
    return reader


def requests(reader: Reader) -> dict[str, Request]:
    """Ten pages, by name."""
    case, sheet = letters(reader)[0].partition("/assessments")[0], Page(reader.page("/nurse/"))
    address, data = sheet.press("Show result")
    return {
        "patient's start": ("/patient/", None),
        "nurse's sheet": ("/nurse/", None),
        "nurse's result": (address, list(data.items(multi=True))),
        "case page": (f"{case}/", None),
        "missing answers": (f"{case}/missing", None),
        "case result": (f"{case}/assessments/1", None),
        "letter": (f"{case}/assessments/1/letter", None),
        "letter, PDF": (f"{case}/assessments/1/letter.pdf", None),
        "worklist": ("/worklist/", None),
        "chase list": ("/worklist/chase", None),
    }


def letters(reader: Reader) -> list[str]:
    """The addresses of letters as PDF, one of each case that has a result."""
    listed = "".join(reader.page(f"/worklist/?state={each}") for each in ("decided", "assessed"))
    cases = dict.fromkeys(re.findall(r"/case/[0-9a-f]{32}", listed))
    ways = [f"{case}/assessments/1/letter" for case in cases]
    return [f"{way}.pdf" for way in ways if reader.ask(way)[0] == 200]


def bare_address(name: str) -> Request:
    """The bare page of a page; that of a PDF is its letter's."""
    kind = "form" if name in FORMS else "stored"
    return quote(f"/{kind}/{name.partition(',')[0]}"), None


def contents(reader: Reader, asked: Mapping[str, Request]) -> dict[str, str]:
    """The pages as they are, for the bare server."""
    found = {name: reader.ask(*each)[1] for name, each in asked.items() if "," not in name}
    return {name: body.decode() for name, body in found.items()}


def measure(sign_in: tuple[str, str], folder: Path, workers: int, seconds: float) -> Iterator[str]:
    """A line for each page."""
    ours = ["-m", "screening", "serve", "--port", "0", "--workers", str(workers)]
    pages = folder / "pages.json"
    bare = [__file__, "--bare", str(pages), str(folder / f"bare-{workers}.sqlite3"), str(workers)]
    with (
        process(ours, SCREENING_DATA=str(folder)) as port,
        closing(signed_in(port, sign_in)) as lead,
    ):
        asked = requests(lead)
        pages.write_text(json.dumps(contents(lead, asked)), "utf-8")
        with process(bare) as bare_port, closing(Reader(bare_port)) as other:
            for name, request in asked.items():
                lead.ask(*request)
                other.page(bare_address(name)[0])
                mine, theirs = list[float](), list[float]()
                for _ in range(TURNS):
                    mine += waits(lead, request, seconds / TURNS)
                    theirs += waits(other, bare_address(name), seconds / TURNS)
                yield line(name, workers, seconds, mine, theirs)


def line(
    name: str, workers: int, seconds: float, mine: Sequence[float], theirs: Sequence[float]
) -> str:
    """A line of the table."""
    cells = [
        *(name, str(workers), f"{len(mine) / seconds:.0f}", f"{len(theirs) / seconds:.0f}"),
        f"{len(mine) / len(theirs):.2f}",
        *(
            f"{percentile(each, at):.0f}"
            for each, at in ((mine, 0.5), (mine, 0.99), (theirs, 0.99))
        ),
    ]
    return f"| {' | '.join(cells)} |"


def beside_layout(sign_in: tuple[str, str], folder: Path) -> str:
    """The waits for the first page, alone and while two people open letters for the first time."""
    ours = ["-m", "screening", "serve", "--port", "0"]
    with (
        process(ours, SCREENING_DATA=str(folder)) as port,
        closing(signed_in(port, sign_in)) as lead,
        closing(Reader(port)) as visitor,
    ):
        ways = letters(lead)
        lead.ask(ways[0])
        alone = _pinged(visitor, lambda: time.sleep(2.0))
        halves = [ways[1::2], ways[2::2]]
        opening = [partial(_open, lead.copy(), some) for some in halves]
        busy = _pinged(visitor, lambda: at_once(opening))
    said = [
        f"{statistics.median(each):.1f} ms, p99 {percentile(each, 0.99):.1f}"
        for each in (alone, busy)
    ]
    return f"First page alone: {said[0]}; while {len(ways) - 1} letters are laid out: {said[1]}"


def _open(reader: Reader, ways: Sequence[str]) -> None:
    with closing(reader):
        for way in ways:
            status, body = reader.ask(way)
            assert status == 200, (way, status)
            assert body.startswith(b"%PDF")


def _pinged(visitor: Reader, meanwhile: Callable[[], None]) -> list[float]:
    """The milliseconds of the first page, again and again until something is done."""
    working, taken = Thread(target=meanwhile), list[float]()
    working.start()
    while working.is_alive():
        began = time.perf_counter()
        visitor.page("/")
        taken.append((time.perf_counter() - began) * 1000)
        time.sleep(0.01)
    return taken


def serve_bare(pages: str, file: str, workers: int) -> None:
    """Serve bare pages until the process is ended, by so many processes."""
    made = {
        name: Content(html) for name, html in json.loads(Path(pages).read_text("utf-8")).items()
    }
    fill(made, f"sqlite:///{file}")
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        print(f"http://127.0.0.1:{listening.getsockname()[1]}/", flush=True)
        children = [pid for _ in range(workers - 1) if (pid := os.fork())]
        if len(children) == workers - 1:
            signal.signal(signal.SIGTERM, lambda *_: _end(children))
        waitress.serve(bare_app(made, f"sqlite:///{file}"), sockets=[listening], threads=THREADS)


def _end(children: Sequence[int]) -> None:
    for each in children:
        os.kill(each, signal.SIGTERM)
    sys.exit(0)


def main(seconds: float = SECONDS, workers: Sequence[int] = WORKERS) -> int:
    """Print the table."""
    print(f"{READERS} connections; {os.cpu_count()} processors, shared with the load generator\n")
    print(HEAD)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sign_in = demonstration(folder)
        for each in workers:
            for said in measure(sign_in, folder, each, seconds):
                print(said, flush=True)
        print(f"\n{beside_layout(sign_in, folder)}")
    return 0


if __name__ == "__main__":
    if "--bare" in sys.argv:
        serve_bare(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        sys.exit(main(float(sys.argv[1]) if sys.argv[1:] else SECONDS))
