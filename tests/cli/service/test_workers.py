"""`serve --workers`: several processes that are one service, until all of them end."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families
from support.services.service import COMMAND, PATIENCE, Service, environment, service

COUNT = 2
_LINE = re.compile(r"^ *([0-9]+) +([0-9]+) +(.*)$", re.MULTILINE)


def processes(parent: int) -> dict[int, str]:
    """The processes that one started, by number, with the words that they were started with."""
    line = ["ps", "-ww", "-eo", "pid,ppid,args"]  # else it cuts lines to the width
    told = subprocess.run(line, capture_output=True, text=True, check=True)
    return {int(a): words for a, b, words in _LINE.findall(told.stdout) if int(b) == parent}


def workers(running: Service) -> dict[int, str]:
    """The workers of a service, with the words of the process beside each, which signs."""
    found = {pid: " ".join(processes(pid).values()) for pid in processes(running.process.pid)}
    return {pid: words for pid, words in found.items() if "witness run" in words}


def wait_for(found: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE
    while not found():
        assert time.monotonic() < until
        time.sleep(0.1)


def is_replaced(running: Service, victim: int) -> bool:
    now = workers(running)
    return victim not in now and len(now) == COUNT


@contextmanager
def started(folder: Path, *words: str) -> Iterator[Service]:
    environ = environment(folder / "data")
    with service(folder, environ, "--workers", str(COUNT), *words) as running:
        wait_for(lambda: len(workers(running)) == COUNT)
        yield running


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service for tests that leave it as it is."""
    with started(tmp_path_factory.mktemp("shared")) as running:
        yield running


def test_every_worker_serves_and_tells_the_figures_of_all(shared: Service) -> None:
    def served() -> bool:
        assert requests.get(f"{shared.address}ready", timeout=PATIENCE).status_code == 200
        text = requests.get(f"{shared.address}metrics", timeout=PATIENCE).text
        families = {each.name: each for each in text_string_to_metric_families(text)}
        samples = families["screening_requests"].samples
        asked = {s.labels["process"] for s in samples if s.labels["page"] == "health.ready"}
        return len(asked) == COUNT

    wait_for(served)


def test_only_one_publishes_heads_and_says_where_it_runs(shared: Service) -> None:
    beside = list(workers(shared).values())
    assert sorted("--answers-only" in words for words in beside) == [False, True]
    said = shared.said.read_text("utf-8")
    assert (said.count("Screening runs at"), said.count("/account/first/")) == (1, 1)
    assert shared.complained.read_text("utf-8") == ""


def test_a_worker_that_is_killed_is_started_again(tmp_path: Path) -> None:
    with started(tmp_path) as running:
        for role in (True, False):
            before = workers(running)
            (victim,) = (p for p, words in before.items() if ("--answers-only" in words) is role)
            os.kill(victim, signal.SIGKILL)
            wait_for(partial(is_replaced, running, victim))
        beside = list(workers(running).values())
        assert sorted("--answers-only" in words for words in beside) == [False, True]
        assert requests.get(f"{running.address}health", timeout=PATIENCE).status_code == 200
        assert running.said.read_text("utf-8").count("Screening runs at") == 1
        assert "was ended by signal 9" in running.complained.read_text("utf-8")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_all_end_together(tmp_path: Path, how: signal.Signals) -> None:
    with started(tmp_path) as running:
        pids = list(workers(running))
        running.process.send_signal(how)
        assert running.process.wait(PATIENCE) == (-how if how is signal.SIGKILL else 0)
        wait_for(lambda: not any(map(is_there, pids)))


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_what_keeps_the_first_from_serving_is_said_once(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "screening.db").write_bytes(b"no database" * 100)
    line = [*COMMAND, "serve", "--port", "0", "--workers", str(COUNT)]
    environ = environment(folder)
    done = subprocess.run(line, env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (69, "")
    assert done.stderr.count("Error: ") == 1
