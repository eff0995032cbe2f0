"""A page of long work is sent while it goes on; to leave it stops the work."""

import threading
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from flask import Flask

from screening.web.shell import long_work
from screening.web.shell.long_work import LongWork, Watch

WITHIN = 20
"""Seconds after which something that should have happened has not."""


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_work, "EVERY", 0.01)


@pytest.fixture(autouse=True)
def asked() -> Iterator[None]:
    with Flask(__name__).test_request_context("/"):
        yield


def test_progress_is_said_before_the_work_has_ended() -> None:
    seen = threading.Event()

    def work(watch: Watch) -> str:
        watch(3, 10)
        assert seen.wait(WITHIN)
        return "done"

    going = LongWork(work, str.upper)
    said = []
    for step in going.steps():
        said.append(step)
        if step == (3, 10):
            seen.set()
    assert (3, 10) in said
    assert (going.result, going.failed) == ("DONE", False)


def test_who_leaves_the_page_stops_the_work() -> None:
    stopped = threading.Event()

    def work(watch: Watch) -> None:
        try:
            for done in count():
                watch(done, 0)
        finally:
            stopped.set()

    steps = LongWork(work, id).steps()
    next(steps)
    next(steps)
    steps.close()
    assert stopped.wait(WITHIN)


def test_a_page_that_is_never_read_begins_nothing() -> None:
    begun: list[bool] = []
    LongWork(lambda _: begun.append(True), id).steps().close()
    assert begun == []


@pytest.mark.parametrize("where", ["work", "show"])
def test_work_that_fails_is_said_to_have_failed_and_logged_without_its_texts(
    where: str, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: object) -> str:
        message = "the name of a patient"
        raise RuntimeError(message)

    fine: Callable[[object], str] = str
    going = LongWork(fail if where == "work" else fine, fail if where == "show" else fine)
    assert (3, 10) not in list(going.steps())
    assert (going.result, going.failed) == (None, True)
    assert "RuntimeError" in caplog.text
    assert "patient" not in caplog.text


def test_one_long_work_goes_on_at_a_time() -> None:
    def ask_again(_: Watch) -> str:
        second = LongWork(lambda _: "two", str.upper)
        assert list(second.steps()) == [(0, 0)]
        assert (second.result, second.failed, second.busy) == (None, False, True)
        return "one"

    first = LongWork(ask_again, str.upper)
    assert list(first.steps())
    assert (first.result, first.busy) == ("ONE", False)
    assert not long_work.is_busy()
