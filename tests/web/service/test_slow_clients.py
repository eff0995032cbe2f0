"""A thousand slow connections, and everybody else is served as before."""

import socket
import time
from collections.abc import Callable, Iterable, Iterator
from http.client import HTTPConnection
from threading import Thread

import pytest
import waitress
from support.services.answer_times import GET, answer_times, running, slow_clients, timed

from screening.web.service import server as serving_module
from screening.web.service.server import PATIENCE, Server, Wait, connection_limit

COUNT = 1000
SECONDS = 6.0
Start = Callable[..., object]


def application(environ: dict[str, object], start: Start) -> Iterable[bytes]:
    """A page; what slow readers ask for is larger than a socket takes at once."""
    start("200 OK", [("Content-Type", "text/plain")])
    path = str(environ["PATH_INFO"])
    return [b"x" * (8_000_000 if "large" in path else 200_000 if "vendor" in path else 2_000)]


def listening() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0), backlog=1024)


@pytest.fixture
def server() -> Iterator[Server]:
    """A server in the thread of a test."""
    made = Server(application, listening())
    with running(made):
        yield made


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every wait ends within a second or two."""
    monkeypatch.setattr(serving_module, "LOOK_EVERY", 0.1)
    for wait in (Wait.REQUEST, Wait.BODY, Wait.READER):
        monkeypatch.setitem(PATIENCE, wait, 1.0)


def test_ordinary_requests_are_answered_beside_a_thousand_slow_connections(server: Server) -> None:
    port = server.effective_port
    quiet = answer_times(port, 2)[-1]
    with slow_clients(port, COUNT, SECONDS) as told:
        until = time.monotonic() + SECONDS
        while len(server.active_channels) < COUNT and time.monotonic() < until:
            time.sleep(0.05)
        assert len(server.active_channels) >= COUNT
        loaded = answer_times(port, SECONDS - 1)
        assert "refused" not in told()
    assert loaded[-1] < SECONDS - 1, f"a request waited: {loaded[-1]:.1f} s, quiet {quiet:.1f} s"


def test_plain_waitress_would_starve() -> None:
    """What the protection is for: without it, no request is answered while slow ones hold on."""
    plain = waitress.create_server(
        application, sockets=[listening()], connection_limit=500, asyncore_use_poll=True
    )
    plain.stop = lambda: (plain.close(), plain.asyncore.close_all(plain._map))  # noqa: SLF001
    with running(plain) as port, slow_clients(port, COUNT, SECONDS):
        assert timed(port) == float("inf")


def test_at_the_limit_those_who_hold_most_make_room(server: Server) -> None:
    server.limit = 50
    with slow_clients(server.effective_port, 200, SECONDS):
        times = answer_times(server.effective_port, 1)
        assert times[-1] < SECONDS - 1
        assert len(server.active_channels) <= 100


def test_one_connection_of_another_address_is_kept(server: Server) -> None:
    server.limit = 50
    address = ("127.0.0.1", server.effective_port)
    with socket.create_connection(address, 2, source_address=("127.0.0.2", 0)) as neighbour:
        with slow_clients(server.effective_port, 200, SECONDS):
            time.sleep(1)
        neighbour.sendall(GET)
        assert neighbour.recv(15) == b"HTTP/1.1 200 OK"


def test_many_requests_at_once_that_nobody_reads_hold_no_thread(server: Server) -> None:
    page = b"GET /large HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    deaf = [
        socket.create_connection(("127.0.0.1", server.effective_port))
        for _ in range(server.adj.threads)
    ]
    for each in deaf:
        each.sendall(page * 20)
    time.sleep(1)
    assert answer_times(server.effective_port, 1)[-1] < SECONDS - 1
    for each in deaf:
        each.close()


@pytest.mark.parametrize(
    ("first", "piece"),
    [
        pytest.param(b"GET / HTTP/1.1\r\nX-Slow: ", b"a", id="header"),
        pytest.param(b"", b"\r\n\r\n", id="blank lines"),
        pytest.param(b"", b"\r\n", id="half a blank line"),
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length: 60000\r\n\r\n", b"a", id="body"),
        pytest.param(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"1", id="chunk"),
        pytest.param(b"", b"", id="nothing"),
    ],
)
def test_no_trickle_puts_the_end_of_a_wait_off(
    hurried: None, server: Server, first: bytes, piece: bytes
) -> None:
    with socket.create_connection(("127.0.0.1", server.effective_port), timeout=0.1) as slow:
        slow.sendall(first)
        assert closed_within(slow, piece, 4)


def test_a_reader_who_takes_nothing_in_is_let_go(hurried: None, server: Server) -> None:
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        slow.connect(("127.0.0.1", int(server.effective_port)))
        slow.sendall(b"GET /large HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        until = time.monotonic() + 4
        while server.active_channels and time.monotonic() < until:
            time.sleep(0.1)
        assert not server.active_channels


def test_a_connection_that_is_used_may_stay(hurried: None, server: Server) -> None:
    busy = HTTPConnection("127.0.0.1", int(server.effective_port), timeout=2)
    for _ in range(6):
        busy.request("GET", "/")
        assert busy.getresponse().read()
        time.sleep(0.4)
    assert len(server.active_channels) == 1, "it is still the first connection"
    busy.close()


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 20_000 + b"\r\n\r\n", b"431"),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", b"413"),
    ],
)
def test_what_is_too_large_is_refused_before_it_is_received(
    server: Server, request_: bytes, status: bytes
) -> None:
    with socket.create_connection(("127.0.0.1", server.effective_port), timeout=5) as large:
        large.sendall(request_)
        assert large.recv(12)[-3:] == status


@pytest.mark.parametrize("kilobytes", [1100, 20_000])
def test_an_answer_to_a_body_that_is_too_large_comes_after_it(
    server: Server, kilobytes: int
) -> None:
    sender = HTTPConnection("127.0.0.1", int(server.effective_port), timeout=20)
    for _ in range(2):
        sender.request("POST", "/", b"x" * kilobytes * 1000)
        answer = sender.getresponse()
        assert (answer.status, len(answer.read())) == (200, 2_000)
    assert len(server.active_channels) == 1, "it is still the first connection"
    sender.close()


def test_as_many_files_as_connections_are_asked_for() -> None:
    assert connection_limit() > COUNT


def closed_within(slow: socket.socket, piece: bytes, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            slow.sendall(piece)
            if slow.recv(65536) == b"":
                return True
        except TimeoutError:
            continue
        except OSError:
            return True
    return False


def test_a_server_that_has_stopped_may_be_stopped_again() -> None:
    made = Server(application, listening())
    thread = Thread(target=made.run)
    thread.start()
    made.stop()
    thread.join(30)
    made.stop()
    assert not thread.is_alive()
