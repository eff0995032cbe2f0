"""Figures for Prometheus. Their labels are names that the program gives, never anybody's.

The figures show how busy the service is. So they are for people who know the token of the setting
SCREENING_METRICS_TOKEN, or, if none is set, for programs on this machine.

Several processes can serve one database, on several machines, and nobody knows which of them a
proxy asks. So each writes its figures into the database every few seconds. Each shows the figures
of all, labelled by process, so that the sum is the same from any of them. Figures of the whole
installation have no such label: see ``upkeep_figures``. The library's own files
for several processes would work on one machine only.
"""

import hmac
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http import HTTPStatus
from threading import Event, Thread

from flask import Blueprint, Flask, Response, abort, current_app, request
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Metric,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from screening.records.ledger.records import Records
from screening.records.operation.processes import figures_of_others, report_figures
from screening.records.storage.database import DatabaseUnavailableError
from screening.web.accounts import authorization
from screening.web.service.upkeep_figures import UpkeepFigures
from screening.web.shell import logs
from screening.web.shell.context import records

blueprint = Blueprint("metrics", __name__)

HERE = frozenset({"127.0.0.1", "::1"})
FORWARDED = ("X-Forwarded-For", "X-Real-Ip", "Forwarded", "Via")
EVERY = 5.0
"""Seconds after which a process writes its figures again."""
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Figures:
    """The counted values."""

    def __init__(self) -> None:
        """Begin with nothing, and with a name that no other process has."""
        self.process = secrets.token_hex(8)
        disable_created_metrics()  # type: ignore[no-untyped-call]  # it declares no types
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "screening_requests",
            "Requests, by page and how they ended",
            ("method", "page", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "screening_request_seconds",
            "How long requests took",
            ("page",),
            registry=self.registry,
            buckets=BUCKETS,
        )
        self.connections = Gauge(
            "screening_connections", "Open connections", registry=self.registry
        )

    def text(self) -> str:
        """The figures of this process, as Prometheus reads them."""
        return generate_latest(self.registry).decode()


class ProcessFigures(Collector):
    """The figures of several processes, by name; each sample is labelled with its process."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        """Take the text of each process."""
        self.texts = texts

    def collect(self) -> Iterator[Metric]:
        """The figures, those of one name together."""
        merged: dict[str, Metric] = {}
        for process, text in self.texts.items():
            for family in text_string_to_metric_families(text):
                empty = Metric(family.name, family.documentation, family.type)
                samples = merged.setdefault(family.name, empty).samples
                samples += [
                    each._replace(labels=each.labels | {"process": process})
                    for each in family.samples
                ]
        yield from merged.values()


def init_app(app: Flask) -> None:
    """Count every request of an application."""
    app.extensions["figures"] = Figures()
    app.extensions["upkeep"] = UpkeepFigures(app)
    app.after_request(_count)


@blueprint.get("/metrics")
@authorization.public
def read() -> Response:
    """The figures, as Prometheus reads them."""
    if not may_read():
        abort(HTTPStatus.NOT_FOUND)
    texts = {figures().process: figures().text()}
    with suppress(DatabaseUnavailableError):  # then there are at least one's own
        texts |= figures_of_others(records(), figures().process)
    both = (ProcessFigures(texts), current_app.extensions["upkeep"])
    written = b"".join(map(generate_latest, both))
    return Response(written, content_type=CONTENT_TYPE_PLAIN_0_0_4)


@contextmanager
def share_figures(app: Flask) -> Iterator[None]:
    """Share the figures of the process with the others while it serves an application.

    An application without casework has none.
    """
    if "figures" not in app.extensions:
        yield
        return
    ended = Event()
    thread = Thread(target=_report, args=(app.extensions, ended), name="figures", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(EVERY)


def _report(extensions: Mapping[str, object], ended: Event) -> None:
    own, held = extensions["figures"], extensions["records"]
    assert isinstance(own, Figures)  # noqa: S101 - tells the type checker
    assert isinstance(held, Records)  # noqa: S101 - the same
    while not ended.is_set():
        with suppress(DatabaseUnavailableError):  # the next time will do
            report_figures(held, own.process, own.text())
        ended.wait(EVERY)


def figures() -> Figures:
    """The figures of the application that serves the current request."""
    found: Figures = current_app.extensions["figures"]
    return found


def may_read() -> bool:
    """True if who asks knows the token, or is a program of this machine where there is none."""
    token = os.environ.get("SCREENING_METRICS_TOKEN")
    if token:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    return request.remote_addr in HERE and not _forwarded(FORWARDED)


def _forwarded(names: Iterable[str]) -> bool:
    """True if a proxy of this machine passed on what somebody else asked."""
    return any(name in request.headers for name in names)


def _count(response: Response) -> Response:
    found, page = figures(), logs.endpoint()
    found.requests.labels(logs.method(), page, str(response.status_code)).inc()
    found.seconds.labels(page).observe(logs.seconds())
    return response
