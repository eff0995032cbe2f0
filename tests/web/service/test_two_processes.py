"""Two processes, and two machines, are one service: what one counts, the other knows."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families
from support.services.service import PATIENCE, Browser, Service, environment, service
from support.setup import postgres
from support.storage import databases

from screening.records.sealing.vault import Keyring

EMAIL = "nobody@clinic.localhost"

Pair = tuple[Service, Service]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    """Two services: on one file of SQLite, or as on two machines with one PostgreSQL."""
    folders = [tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second")]
    with ExitStack() as stack:
        if request.param == "sqlite":
            environs = [environment(folders[0] / "data")] * 2
        else:
            environs = _machines(stack.enter_context(postgres.server(durable=True)), folders)
        first, second = (
            stack.enter_context(service(folder, environ))
            for folder, environ in zip(folders, environs, strict=True)
        )
        yield first, second


def _machines(server: postgres.Server, folders: list[Path]) -> list[dict[str, str]]:
    """Two machines that share the database and its secrets, and no file."""
    databases.postgresql_pattern(server)
    shared = {
        "DATABASE_URL": server.address(databases.PATTERN),
        "SCREENING_SECRET_KEY": "s" * 32,
        "SCREENING_KEYS": Keyring.make().write(),
    }
    return [environment(folder / "data", **shared) for folder in folders]


def test_wrong_tries_at_two_processes_are_counted_together(pair: Pair) -> None:
    with Browser(pair[0].address) as first, Browser(pair[1].address) as second:
        tried = [
            each.sign_in(EMAIL, "wrong horse battery").status_code
            for each in (first, second, first, second, second, first, second)
        ]
    assert tried == [200] * 5 + [429] * 2


def test_every_process_tells_the_figures_of_all(pair: Pair) -> None:
    for each, times in zip(pair, (3, 4), strict=True):
        for _ in range(times):
            answer = requests.get(f"{each.address}ready", timeout=PATIENCE)
            assert answer.status_code == 200, answer.text
    until = time.monotonic() + PATIENCE
    while (told := [asked(each) for each in pair]) != [[3.0, 4.0]] * 2:
        assert time.monotonic() < until, told
        time.sleep(0.5)


def asked(service: Service) -> list[float]:
    """How often each process was asked whether it is ready, as one of them tells it."""
    text = requests.get(f"{service.address}metrics", timeout=PATIENCE).text
    families = {each.name: each for each in text_string_to_metric_families(text)}
    samples = families["screening_requests"].samples
    ready = [each for each in samples if each.labels["page"] == "health.ready"]
    assert len({each.labels["process"] for each in ready}) == len(ready)
    return sorted(each.value for each in ready)
