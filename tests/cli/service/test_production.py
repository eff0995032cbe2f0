"""`screening serve` as it is run for real patients."""

import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from support.pages.page_reader import Page
from support.services.service import COMMAND, PATIENCE, Service, environment, run, service

from screening.records.installation.opening import open_records
from screening.records.installation.settings import Settings
from screening.records.operation.demonstration import mark

NAME = "screening.example"
WORDS = ("--production", "--name", NAME, "--behind-proxy", "1")
PROXIED = {"Host": NAME, "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}


def refused(environ: dict[str, str], *words: str) -> str:
    line = [*COMMAND, "serve", *words, "--port", "0"]
    done = subprocess.run(line, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    return done.stderr


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return environment(tmp_path / "data")


@contextmanager
def started(folder: Path) -> Iterator[Service]:
    """A service whose own address is where its proxy finds it."""
    environ = environment(folder / "data")
    run(environ, "keys", "make")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with service(folder, environ, *WORDS, port=port) as running:
        running.address = f"http://127.0.0.1:{port}/"
        yield running


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service for tests that leave it as it is."""
    with started(tmp_path_factory.mktemp("production")) as running:
        yield running


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Service]:
    """A service for one test, which may end it."""
    with started(tmp_path) as running:
        yield running


def test_it_makes_no_secrets_by_itself_and_says_all_that_it_needs(
    environ: dict[str, str], tmp_path: Path
) -> None:
    said = refused(environ, "--production")
    assert all(name in said for name in ("--name", "SCREENING_SECRET_KEY", "SCREENING_KEYS_FILE"))
    assert not (tmp_path / "data").exists()


def test_a_database_on_another_host_is_not_reached_without_its_certificate_checked(
    environ: dict[str, str],
) -> None:
    run(environ, "keys", "make")
    elsewhere = {"DATABASE_URL": "postgresql://u:hush@127.0.0.2:9/screening?sslmode=require"}
    said = refused(environ | elsewhere, *WORDS)
    assert "sslmode=verify-full in DATABASE_URL" in said
    assert "hush" not in said


def test_a_demonstration_is_not_served(environ: dict[str, str]) -> None:
    run(environ, "keys", "make")
    records = open_records(Settings.read(environ))
    mark(records)
    records.database.close()
    assert "demonstration" in refused(environ, *WORDS)


def test_cookies_and_addresses_are_for_https_alone(production: Service) -> None:
    page = requests.get(f"{production.address}account/sign-in", headers=PROXIED, timeout=PATIENCE)
    assert page.status_code == 200
    assert "Secure" in page.headers["Set-Cookie"]
    assert page.headers["Strict-Transport-Security"].startswith("max-age=")
    assert f"https://{NAME}/" in production.said.read_text("utf-8")


def test_a_form_is_taken_without_the_referrer_that_our_pages_forbid(production: Service) -> None:
    address = f"{production.address}account/sign-in"
    page = requests.get(address, headers=PROXIED, timeout=PATIENCE)
    cookie = {"Cookie": page.headers["Set-Cookie"].partition(";")[0]}
    _, data = Page(page.text).press("Sign in")
    typed = {**data, "email": "nobody@clinic.example", "password": "wrong"}
    answer = requests.post(address, typed, headers=PROXIED | cookie, timeout=PATIENCE)
    assert "There is a problem" in answer.text, Page(answer.text).text


def test_other_names_are_refused(production: Service) -> None:
    other = requests.get(production.address, headers={"Host": "evil.example"}, timeout=PATIENCE)
    assert other.status_code == 400


def test_who_names_no_host_learns_whether_it_lives(production: Service) -> None:
    """As load balancers do, with HTTP/1.0."""
    address = ("127.0.0.1", int(production.address.rpartition(":")[2].strip("/")))
    with socket.create_connection(address, timeout=PATIENCE) as asking:
        asking.sendall(b"GET /health HTTP/1.0\r\n\r\n")
        assert asking.recv(12) == b"HTTP/1.0 200"


def test_figures_are_for_this_machine_alone(production: Service) -> None:
    address = f"{production.address}metrics"
    assert "screening_requests_total" in requests.get(address, timeout=PATIENCE).text
    assert requests.get(address, headers=PROXIED, timeout=PATIENCE).status_code == 404


def test_it_lives_and_is_ready_until_its_folder_is_lost(mortal: Service, tmp_path: Path) -> None:
    assert requests.get(f"{mortal.address}health", timeout=PATIENCE).status_code == 200
    assert requests.get(f"{mortal.address}ready", timeout=PATIENCE).json()["disk"] == "ok"
    (tmp_path / "data").rename(tmp_path / "lost")
    time.sleep(2.1)
    lost = requests.get(f"{mortal.address}ready", timeout=PATIENCE)
    assert (lost.status_code, lost.json()["disk"]) == (503, "failing")
    assert requests.get(f"{mortal.address}health", timeout=PATIENCE).status_code == 200


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_request_under_way_is_finished_when_it_is_told_to_end(
    mortal: Service, how: signal.Signals
) -> None:
    port = int(mortal.address.rpartition(":")[2].strip("/"))
    answers: list[bytes] = []

    def ask() -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as asking:
            head = f"POST /patient/question HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 4\r\n\r\n"
            asking.sendall(head.encode() + b"a=")
            time.sleep(1)
            asking.sendall(b"bc")
            answers.append(b"".join(iter(lambda: asking.recv(65536), b"")))

    asking = threading.Thread(target=ask)
    asking.start()
    time.sleep(0.5)
    mortal.process.send_signal(how)
    asking.join(PATIENCE)
    assert answers[0].startswith(b"HTTP/1.1 4")
    assert answers[0].rstrip().endswith(b"</html>")
    assert mortal.process.wait(PATIENCE) == 0
