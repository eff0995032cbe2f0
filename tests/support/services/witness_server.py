"""A witness that answers at an address of this machine, in a thread."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from screening.records.witness.log import WitnessLog
from screening.web.service.server import Server
from screening.web.service.witness import Say, witness_app


@contextmanager
def answering(kept: WitnessLog, say: Say) -> Iterator[str]:
    """The address of a witness with a log, who says which heads it refused."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = Server(witness_app(kept, say), listening)
    thread = Thread(target=server.run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.stop()
        thread.join()
