"""Figures for Prometheus. Their labels are names that the program gives, never anybody's.

Whoever may read them learns how busy the service is, so they are shown to who knows the token of
the setting SCREENING_METRICS_TOKEN; where none is set, to programs of this machine alone.
"""

import hmac
import os
from collections.abc import Iterable

from flask import Blueprint, Flask, Response, abort, current_app, request
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from screening.web import gate, logs

blueprint = Blueprint("metrics", __name__)

HERE = frozenset({"127.0.0.1", "::1"})
FORWARDED = ("X-Forwarded-For", "X-Real-Ip", "Forwarded", "Via")
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Figures:
    """What is counted."""

    def __init__(self) -> None:
        """Begin with nothing."""
        disable_created_metrics()  # type: ignore[no-untyped-call]
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


def init_app(app: Flask) -> None:
    """Count every request of an application."""
    app.extensions["figures"] = Figures()
    app.after_request(_count)


@blueprint.get("/metrics")
@gate.public
def read() -> Response:
    """The figures, as Prometheus reads them."""
    if not may_read():
        abort(404)
    return Response(generate_latest(figures().registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def figures() -> Figures:
    """The figures of the application that serves the current request."""
    found: Figures = current_app.extensions["figures"]
    return found


def may_read() -> bool:
    """Whether who asks knows the token, or is a program of this machine where there is none."""
    token = os.environ.get("SCREENING_METRICS_TOKEN")
    if token:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    return request.remote_addr in HERE and not _forwarded(FORWARDED)


def _forwarded(names: Iterable[str]) -> bool:
    """Whether a proxy of this machine passed on what somebody else asked."""
    return any(name in request.headers for name in names)


def _count(response: Response) -> Response:
    found, page = figures(), logs.endpoint()
    found.requests.labels(logs.method(), page, str(response.status_code)).inc()
    found.seconds.labels(page).observe(logs.seconds())
    return response
