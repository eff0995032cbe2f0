"""The key that signs heads is in a process of its own, which lives as long as the server."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.storage.databases import People

from screening.cli.service.signing import NoSignerError, SigningProcess
from screening.records.installation.opening import open_records
from screening.records.installation.settings import Settings
from screening.records.ledger.events import EventKind, record_event
from screening.records.verification.verify import verify_ledger
from screening.records.witness.head_file import HeadFile

WATCHED = """
import os, sys
said = open(sys.argv.pop(1), "a", buffering=1)
def hook(event, args):
    if event == "open" and "ledger" in str(args[0]): said.write(f"{os.getpid()} {args[0]}\\n")
sys.addaudithook(hook)
from screening.cli import main
main()
"""
LOADED = """
import os, socket, sys, threading
ours, its = socket.socketpair()
def ask():
    ours.sendall(b"key\\n")
    ours.recv(1000)
    web = {"flask", "jinja2", "wtforms", "yaml", "screening.web", "screening.core"}
    print(sorted(web & set(sys.modules)), flush=True)
    os._exit(0)
threading.Thread(target=ask).start()
from screening.cli import main
main(["witness", "run", "--answers-only", "--control", str(its.fileno())])
"""
PATIENCE = 30


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Of an installation with an event."""
    gone = {"DATABASE_URL", "SCREENING_KEYS", "SCREENING_KEYS_FILE"}
    kept = {name: value for name, value in os.environ.items() if name not in gone}
    folder = tmp_path / "data"
    records = open_records(Settings.read({"SCREENING_DATA": str(folder)}))
    People(records).actor()
    record_event(records, 1, EventKind.SIGNED_IN)
    records.database.close()
    return kept | {"SCREENING_DATA": str(folder)}


def test_the_process_that_has_the_key_loads_no_page_and_no_rule(
    environment: dict[str, str],
) -> None:
    line = [sys.executable, "-c", LOADED]
    ran = subprocess.run(line, env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def heads(environment: dict[str, str]) -> HeadFile:
    return HeadFile(Path(environment["SCREENING_DATA"]) / "heads.jsonl")


def wait_for(found: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE
    while not found():
        assert time.monotonic() < until
        time.sleep(0.05)


@contextmanager
def serving(environment: dict[str, str], opened: Path) -> Iterator[subprocess.Popen[str]]:
    words = ["serve", "--port", "0", "--log-requests"]
    with subprocess.Popen(
        [sys.executable, "-c", WATCHED, str(opened), *words],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout
            assert re.search(r"http://\S+/", process.stdout.readline())
            yield process
        finally:
            process.kill()


def children(number: int) -> list[int]:
    """Those of every thread."""
    said = [each.read_text() for each in Path(f"/proc/{number}/task").glob("*/children")]
    return [int(each) for each in " ".join(said).split()]


def is_running(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_server_signs_heads_and_never_opens_the_key(
    environment: dict[str, str], tmp_path: Path
) -> None:
    opened, file = tmp_path / "opened", heads(environment)
    with serving(environment, opened) as process:
        wait_for(file.read)
        time.sleep(1)  # the log is written after the file
        (signer,) = children(process.pid)
        os.kill(signer, signal.SIGKILL)
        wait_for(lambda: [each for each in children(process.pid) if each != signer])
        (again,) = children(process.pid)
        process.send_signal(signal.SIGTERM)
        _, logged = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    wait_for(lambda: not is_running(again))
    assert (
        file.read()[0].size == 5
    )  # the first event of the ledger, a site, a role, a person and a sign-in
    assert "starting it again" in logged
    assert '"head": {"format"' in logged
    assert "ledger.key" not in opened.read_text()
    assert (Path(environment["SCREENING_DATA"]) / "ledger.key").exists()


def test_it_ends_with_a_server_that_is_killed(environment: dict[str, str], tmp_path: Path) -> None:
    file = heads(environment)
    with serving(environment, tmp_path / "opened") as process:
        wait_for(file.read)
        (signer,) = children(process.pid)
        process.kill()
        wait_for(lambda: not is_running(signer))


def test_it_signs_what_it_reads_itself_and_what_is_left_at_its_end(
    environment: dict[str, str],
) -> None:
    records = open_records(Settings.read(environment))
    process = SigningProcess(environment, log_heads=False)
    try:
        head = process.head()
        assert process.verifier.accepts(head)
        record_event(records, 1, EventKind.SIGNED_OUT)
    finally:
        process.stop()
    kept = heads(environment).read()
    assert kept[-1].size == head.size + 1
    assert verify_ledger(records, [head, *kept], process.verifier).faults == []
    with pytest.raises(NoSignerError):
        process.head()
