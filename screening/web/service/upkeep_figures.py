"""Figures of the whole installation for Prometheus: is it looked after, and what is left undone."""

import time
from collections.abc import Iterator
from contextlib import suppress
from threading import Lock

from flask import Flask
from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from screening.errors import ScreeningError
from screening.records.ledger.records import Records
from screening.records.ledger.site_days import installation_day
from screening.records.operation.upkeep import Upkeep, read_upkeep
from screening.web.shell.context import PageContext

KEPT_FOR = 15.0
"""Seconds for which what was read holds: cases are opened for it."""


class UpkeepFigures(Collector):
    """The figures of an installation. None has a label: they are about no site and no person."""

    def __init__(self, app: Flask) -> None:
        """Take the application whose records and rules they are about."""
        self._extensions = app.extensions
        self._lock = Lock()
        self._found: Upkeep | None = None
        self._read_at = float("-inf")

    def collect(self) -> Iterator[Metric]:
        """The figures; without the database only those of the rules."""
        yield _gauge(
            "screening_rules_past_review",
            "Rule files whose day of review is over",
            self._past_review(),
        )
        if found := self._read():
            yield from _metrics(found)

    def _read(self) -> Upkeep | None:
        """The state, as it was a moment ago; None if it cannot be read."""
        with self._lock:
            if time.monotonic() > self._read_at + KEPT_FOR:
                self._found = None
                with suppress(ScreeningError):
                    self._found = read_upkeep(self._records())
                self._read_at = time.monotonic()
            return self._found

    def _records(self) -> Records:
        found: Records = self._extensions["records"]
        return found

    def _past_review(self) -> int:
        context: PageContext = self._extensions["page_context"]
        today = installation_day(self._records())
        return sum(part.review_by < today for part in context.ruleset.parts)


def _metrics(found: Upkeep) -> Iterator[Metric]:
    """The figures of what was read; a moment that has not been yet has none."""
    if found.backup_at:
        yield _gauge(
            "screening_last_backup_timestamp_seconds",
            "When the last backup without faults was made",
            found.backup_at.timestamp(),
        )
    if found.verified_at:
        yield _gauge(
            "screening_last_verification_timestamp_seconds",
            "When the ledger was last verified, with no fault found",
            found.verified_at.timestamp(),
        )
    yield CounterMetricFamily(
        "screening_sign_ins_failed", "Failed sign-ins in the ledger", value=found.failed_sign_ins
    )
    yield _gauge(
        "screening_emergencies_without_handover",
        "Undecided cases with an emergency sign that nobody was told about",
        found.emergencies_without_handover,
    )
    yield _gauge(
        "screening_emergency_accesses_open",
        "Cases of other sites that are open in an emergency now",
        found.open_emergency_accesses,
    )
    yield _gauge(
        "screening_tasks_overdue",
        "Missing answers of open cases whose due date is over",
        found.overdue_tasks,
    )


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(name, meaning, value=value)
