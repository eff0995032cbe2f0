"""Starting: imports, commands, the server, and the steps of loading rules.

Usage: python tests/bench/bench_cold.py

A child process is compared with ``python -c pass``, a step of loading with what libyaml takes for
the same rule files. The goals of the issue in seconds are beside them: 0.3 s for loading, 1.5 s for
the server, and 15 ms from the cache.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import yaml
from support.bench import report
from support.bench.report import Table

from screening.core.compiled.model import compile_ruleset, model_of
from screening.files.rule_cache import load_kept_ruleset
from screening.files.rule_texts import load_texts
from screening.formats.documents.ruleset_json import digest_of
from screening.formats.rules.rule_text import RuleText
from screening.formats.rules.rulebook import read_ruleset
from screening.formats.yaml.reader import read_nodes
from screening.proof.checks.prove import prove

BARE, PARSE = "python -c pass", "libyaml on the rule files"
LOAD, READY = "read, lint, compile and prove", "serve, until it is ready"
SCREENING = [sys.executable, "-m", "screening"]
KEPT = "from the cache"
READY_WITHIN = 60
ANSWERS = {"as_of": "2026-11-20", "answers": {"scoliosis": True, "age": 74}}
Texts = Mapping[str, RuleText]
ENVIRONMENT = {key: each for key, each in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
"""Where programs are installed, their byte code is."""


def main() -> int:
    """Measure children, then the steps of loading."""
    with tempfile.TemporaryDirectory() as folder:
        started = _started(Path(folder))
        missed = started.show(BARE)
        os.environ |= dict.fromkeys(("XDG_CACHE_HOME", "XDG_STATE_HOME"), folder)
        loaded = _loaded(load_texts())
        missed |= loaded.show(PARSE)
    for table, name, most in ((started, READY, 1.5), (loaded, LOAD, 0.3), (loaded, KEPT, 0.015)):
        said = "met" if table.median(name) <= most else "**not met**"
        print(f"\n- {name}: {table.median(name):.3f} s on this machine, goal {most} s, {said}")
    return missed


def _started(folder: Path) -> Table:
    table = Table("Started afresh")
    for name, command in _commands(folder).items():
        table.time(name, partial(_run, command, folder))
    home = folder / "home"
    _until_ready(home)  # makes the database and the keys
    table.add(READY, [_until_ready(home) for _ in range(report.ROUNDS)])
    return table


def _commands(folder: Path) -> dict[str, list[str]]:
    answers = folder / "answers.json"
    answers.write_text(json.dumps(ANSWERS))
    assess = [*SCREENING, "assess", str(answers), "--json"]
    modules = (
        *("click", "yaml", "flask", "sqlalchemy.orm"),
        *("screening.core.results.assess", "screening.files.rule_files", "screening.web"),
    )
    return {
        BARE: [sys.executable, "-c", "pass"],
        **{f"import {name}": [sys.executable, "-c", f"import {name}"] for name in modules},
        "screening --version": [*SCREENING, "--version"],
        "screening assess, without the cache": ["env", "SCREENING_CACHE=off", *assess],
        "screening assess": assess,
    }


def _run(command: Sequence[str], folder: Path) -> None:
    environment = ENVIRONMENT | dict.fromkeys(("XDG_CACHE_HOME", "XDG_STATE_HOME"), str(folder))
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)


def _until_ready(home: Path) -> float:
    """The CPU seconds of a server and of its children until its ready check answers."""
    with _server(home) as (server, address):
        _await(address)
        return _spent_by(server.pid)


@contextmanager
def _server(home: Path) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [*SCREENING, "serve", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=ENVIRONMENT | {"SCREENING_DATA": str(home)},
    )
    try:
        yield server, f"http://127.0.0.1:{port}/ready"
    finally:
        server.terminate()
        server.wait()


def _await(address: str) -> None:
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    raise TimeoutError(address)


def _spent_by(process: int) -> float:
    """The CPU seconds of a process and of its children, by what Linux counts."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    own = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return own + sum(_spent_by(int(child)) for child in children)


def _loaded(texts: Texts) -> Table:
    ruleset = read_ruleset("documented", texts)
    day = ruleset.parts[0].effective_from
    table = Table("Loading the shipped rules, step by step")
    table.time(PARSE, lambda: _parse(texts))
    table.time("nodes, and slips of the keyboard", lambda: _read_nodes(texts))
    table.time("digest", lambda: digest_of(ruleset))
    table.time("compile", lambda: compile_ruleset(ruleset))
    table.time("compile and prove", lambda: prove(compile_ruleset(ruleset), day))
    table.time(LOAD, lambda: _read_afresh(texts))
    table.time(KEPT, load_kept_ruleset)
    return table


def _parse(texts: Texts) -> None:
    for text in texts.values():
        for _ in yaml.parse(text.data.decode(), Loader=yaml.CSafeLoader):
            pass


def _read_nodes(texts: Texts) -> None:
    for text in texts.values():
        read_nodes(text.source, text.data)


def _read_afresh(texts: Texts) -> None:
    """All of loading, though this process has compiled the same rules before."""
    model_of.cache_clear()
    read_ruleset("documented", texts)


if __name__ == "__main__":
    sys.exit(main())
