"""Serves the application on a socket, so that slow clients cannot keep others from being served.

waitress reads requests in one thread and answers whole ones in others; so a slow client costs no
more than its connection. But it waits as long as bytes trickle in, and at its limit it takes no
further connections. Here every wait has an end that no trickle puts off, and at the limit the
client that has waited longest, among those with most connections, makes room for the next one.
"""

import math
import resource
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from enum import Enum
from types import FrameType
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.receiver import FixedStreamReceiver
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher
from waitress.utilities import RequestEntityTooLarge

Application = Callable[..., Iterable[bytes]]

CONNECTIONS = 2000
THREADS = 4  # some may wait for the database; more hold its lock while others compute
OTHER_FILES = 100  # what a process opens besides connections: the database, static files, logs
MAX_HEADER = 16 * 1024
MAX_BODY = 1024 * 1024  # held in memory; each page has a smaller limit of its own
PASSED_OVER = 64 * 1024 * 1024  # a body up to this size is received, and nothing of it is kept
IN_MEMORY = 64 * 1024 * 1024  # nothing that is sent or received is ever put into a file
AT_ONCE = 50  # half of the files that are kept free
LOOK_EVERY = 1.0
STOP_WITHIN = 20.0
ARRIVE_WITHIN = 2.0


class Wait(Enum):
    """The waits of a connection."""

    REQUEST = "the next request, up to the end of its header"
    BODY = "the rest of a request"
    READER = "the client, to take in what was sent"
    ANSWER = "us"


PATIENCE = {Wait.REQUEST: 30.0, Wait.BODY: 60.0, Wait.READER: 90.0, Wait.ANSWER: math.inf}
"""For how many seconds each may last."""


class PassedOver(FixedStreamReceiver):  # type: ignore[misc]  # the library has no types
    """A body that is too large: it arrives, and nothing of it is kept."""

    remain: int

    def received(self, data: bytes) -> int:
        """Count bytes; gives how many belong to the body."""
        taken = min(self.remain, len(data))
        self.remain -= taken
        self.completed = self.remain == 0
        return taken


class Parser(HTTPRequestParser):  # type: ignore[misc]  # the library has no types
    """Reads one request.

    A browser shows no answer that comes while it still sends: it says that the connection was lost.
    So a body that is too large is waited for, and the application finds by its length that it is.
    """

    body_rcv: Any
    error: Any

    def received(self, data: bytes) -> int:
        """Take bytes in; gives how many belong to this request."""
        if isinstance(self.body_rcv, PassedOver):
            taken = self.body_rcv.received(data)
            self.completed = self.body_rcv.completed
            return taken
        taken = int(super().received(data))
        if isinstance(self.error, RequestEntityTooLarge) and self._may_arrive():
            self.error, self.completed = None, False
            self.body_rcv = PassedOver(self.content_length, self.body_rcv.getbuf())
        return taken

    def _may_arrive(self) -> bool:
        return not self.chunked and self.content_length <= PASSED_OVER


class Channel(HTTPChannel):  # type: ignore[misc]  # the library has no types
    """One connection, which knows since when it has been waiting for the same thing."""

    parser_class = Parser

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - waitress's own
        """Begin to wait for the first request."""
        self.answered = 0
        self.last = False
        self.waits = (Wait.REQUEST, 0)
        self.since = time.monotonic()
        super().__init__(*args, **kwargs)

    def received(self, data: bytes) -> bool:
        """Take bytes in. Of requests sent in one go, the first is answered; no browser sends more.

        Answers to many that nobody reads would fill the memory, and then hold a thread.
        """
        taken = bool(super().received(data))
        with self.requests_lock:
            if len(self.requests) > 1:
                del self.requests[1:]
                self.last = True
        return taken

    def service(self) -> None:
        """Answer one request."""
        super().service()
        self.answered += 1
        if self.last:
            self.close_when_flushed = True
            self.server.pull_trigger()

    def look(self, now: float) -> float:
        """The seconds left for the wait of the connection."""
        waits = (self._waits_for(), self.answered)
        if waits != self.waits:
            self.waits, self.since = waits, now
        return self.since + PATIENCE[waits[0]] - now

    def _waits_for(self) -> Wait:
        if self.requests:
            return Wait.ANSWER
        if self.total_outbufs_len:
            return Wait.READER
        request = self.request
        # Blank lines before a request and the bytes of its header are one and the same wait:
        # otherwise a client that alternates between them could wait for ever.
        return Wait.BODY if request is not None and request.headers_finished else Wait.REQUEST


class Server(TcpWSGIServer):  # type: ignore[misc]  # the library has no types
    """A server on one listening socket."""

    channel_class = Channel
    stopping = False
    ended = False

    def __init__(
        self,
        application: Application,
        listening: socket.socket,
        *,
        shares: bool = False,
        **adjustments: object,
    ) -> None:
        """Take the socket; requests are answered once ``run`` is called.

        Args:
            application: a WSGI application.
            listening: a listening socket.
            shares: whether other processes take connections from it too.
            adjustments: waitress's own, which replace ours.
        """
        self.limit = connection_limit()
        self.at_once = 1 if shares else AT_ONCE
        dispatcher = ThreadedTaskDispatcher()
        adj = Adjustments(
            **{
                "connection_limit": 2 * self.limit
                + OTHER_FILES,  # never reached: see handle_accept
                "threads": THREADS,
                "max_request_header_size": MAX_HEADER,
                "max_request_body_size": MAX_BODY,
                "inbuf_overflow": IN_MEMORY,
                "outbuf_overflow": IN_MEMORY,
                "log_socket_errors": False,
                "asyncore_use_poll": True,
                "ident": None,
                "server_name": "127.0.0.1",  # for requests of HTTP/1.0 that name no host
                **adjustments,
            }
        )
        dispatcher.set_thread_count(adj.threads)
        name = (listening.family, listening.type, listening.proto, listening.getsockname())
        self.ending = threading.RLock()
        super().__init__(
            application,
            _sock=listening,
            dispatcher=dispatcher,
            adj=adj,
            sockinfo=name,
            bind_socket=False,
        )

    def handle_accept(self) -> None:
        """Take the connections that wait in line, as far as they are not for other processes."""
        for _ in range(self.at_once):
            before = len(self.active_channels)
            super().handle_accept()
            if len(self.active_channels) == before:
                return

    def maintenance(self, now: float) -> None:
        """Nothing: see ``_look``, which is not called amid a turn.

        A connection that was closed amid a turn could be followed by another with the same number,
        which would then get the answer of the first.
        """

    def run(self) -> None:
        """Serve until ``stop`` is called, then finish what is under way."""
        next_look = 0.0
        while not self.stopping:
            self._turn(LOOK_EVERY)
            if (now := time.monotonic()) > next_look:
                next_look = now + LOOK_EVERY
                self._look(now)
            if len(self.active_channels) > self.limit:
                self._make_room()
        self._finish()

    def stop(self) -> None:
        """Stop soon; may be called in any thread, by a signal, and of a server that has stopped."""
        with self.ending:
            self.stopping = True
            if not self.ended:
                self.pull_trigger()

    def _turn(self, seconds: float) -> None:
        wasyncore.loop(timeout=seconds, use_poll=True, map=self._map, count=1)

    def _look(self, now: float) -> None:
        """Close every connection that has waited for too long."""
        for channel in list(self.active_channels.values()):
            if channel.look(now) < 0:
                channel.handle_close()

    def _make_room(self) -> None:
        """Close connections of those who hold most, first those that have waited longest."""
        channels = list(self.active_channels.values())
        held = Counter(channel.addr[0] for channel in channels)
        waiting = [channel for channel in channels if not channel.requests]
        waiting.sort(key=lambda each: (-held[each.addr[0]], each.since))
        for channel in waiting[: len(channels) - self.limit]:
            channel.handle_close()

    def _finish(self) -> None:
        """Take no further connection, and answer the requests that have begun."""
        self.del_channel()
        self.socket.close()
        now = time.monotonic()
        while self._under_way(now) and time.monotonic() < now + STOP_WITHIN:
            self._turn(0.1)
        self.task_dispatcher.shutdown(timeout=1)
        with self.ending:  # what wakes the loop is closed, too
            self.ended = True
            wasyncore.close_all(self._map)

    def _under_way(self, stopped_at: float) -> bool:
        """True if a request is being answered, or has begun to arrive a moment ago."""
        late = time.monotonic() > stopped_at + ARRIVE_WITHIN
        for channel in list(self.active_channels.values()):
            channel.look(stopped_at)
            answering = channel.waits[0] in (Wait.ANSWER, Wait.READER)
            if not answering and (late or channel.request is None):
                channel.handle_close()
        return bool(self.active_channels)


def connection_limit() -> int:
    """The number of connections to hold; as many open files as allowed are asked for first."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + OTHER_FILES
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    files = wanted if soft == resource.RLIM_INFINITY else soft
    return min(CONNECTIONS, files - OTHER_FILES)


def stop_on_signals(server: Server) -> None:
    """End the server in order on SIGTERM and Ctrl-C; a second one ends it at once."""

    def stop(number: int, _: FrameType | None) -> None:
        signal.signal(number, signal.default_int_handler)
        server.stop()

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
