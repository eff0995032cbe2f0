"""A letter is laid out once, in a process of its own; each view asks first who may see it."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from threading import Event, Thread
from typing import Any

import pytest
from flask import Flask
from support.people.case_people import Nurse, assessed
from support.people.web_people import add_site
from support.people.worklist_people import person, signed_in

from screening.records.access import Role
from screening.records.operation.erasure import Reason, erase
from screening.web.shell import pdf

Hire = Callable[..., Nurse]
WAY = "assessments/1/letter.pdf"
SOON = 20.0
pytestmark = pytest.mark.skipif(not pdf.can_write_pdf(), reason="this machine has no Pango")


@pytest.fixture
def laid_out(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The documents that are laid out, and none kept from before."""
    pdf.shelf.clear()
    found, real = list[str](), pdf.lay_out

    def noted(html: str, stylesheet: str) -> pdf.Paper:
        found.append(html)
        return real(html, stylesheet)

    monkeypatch.setattr(pdf, "lay_out", noted)
    yield found
    pdf.shelf.clear()


def test_a_letter_is_laid_out_once(hire: Hire, laid_out: list[str]) -> None:
    lead = assessed(hire("Lea Lead", Role.LEAD_NURSE))
    first, second = lead.get(WAY), lead.get(WAY)
    assert first.data == second.data
    assert first.data.startswith(b"%PDF")
    assert len(laid_out) == 1


def test_a_changed_letter_is_laid_out_again(nora: Nurse, laid_out: list[str]) -> None:
    assessed(nora).get(WAY)
    nora.answer(scoliosis="yes")
    assert b"%PDF" in nora.get(WAY).data
    assert len(laid_out) == 2
    assert "Superseded" in laid_out[1]
    assert "Superseded" not in laid_out[0]


def test_a_kept_letter_is_for_those_alone_who_may_see_the_case(
    app: Flask, nora: Nurse, laid_out: list[str]
) -> None:
    assert assessed(nora).get(WAY).status_code == 200
    records = app.extensions["records"]
    actor = person(records, Role.LEAD_NURSE, sites=[add_site(records, "South")], name="Sam")
    stranger, address = signed_in(app, actor), f"/case/{nora.case_id}/{WAY}"
    assert stranger.get(address).status_code == 404
    assert b"%PDF" not in app.test_client().get(address).data
    assert len(laid_out) == 1


@pytest.mark.usefixtures("laid_out")
def test_the_letter_of_an_erased_case_is_gone(nora: Nurse) -> None:
    assert assessed(nora).get(WAY).status_code == 200
    records = nora.client.application.extensions["records"]
    erase(records, nora.actor.id, nora.case_id, Reason.REQUEST)
    assert b"%PDF" not in nora.get(WAY).data
    assert nora.get(WAY).status_code == 410


@pytest.mark.usefixtures("laid_out")
def test_others_are_answered_while_a_letter_is_laid_out(
    nora: Nurse, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end, real, found = Event(), Event(), subprocess.run, list[bytes]()
    assessed(nora)

    def slow(*given: Any, **options: Any) -> object:  # noqa: ANN401 - passed on
        begun.set()
        assert may_end.wait(SOON)
        return real(*given, **options)

    monkeypatch.setattr(subprocess, "run", slow)
    reader = Thread(target=lambda: found.append(nora.get(WAY).data))
    reader.start()
    assert begun.wait(SOON)
    assert nora.client.application.test_client().get("/").status_code == 200
    assert found == []
    may_end.set()
    reader.join(SOON)
    assert found[0].startswith(b"%PDF")


def test_the_process_gets_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCREENING_SECRET_KEY", "k" * 32)
    monkeypatch.setenv("DATABASE_URL", "postgresql://x:y@localhost/z")
    seen, real = list[dict[str, str]](), subprocess.run

    def noted(*given: Any, **options: Any) -> object:  # noqa: ANN401 - passed on
        seen.append(options["env"])
        return real(*given, **options)

    monkeypatch.setattr(subprocess, "run", noted)
    pdf.lay_out("<html lang=en><title>x</title><p>text", "letter.css")
    assert {"SCREENING_SECRET_KEY", "DATABASE_URL"}.isdisjoint(seen[0])
    assert seen[0]["PATH"] == os.environ["PATH"]


@pytest.mark.parametrize("program", ["import sys; sys.exit(1)", "import time; time.sleep(60)"])
def test_a_process_that_fails_or_hangs_is_an_error(
    program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = subprocess.run

    def broken(_: object, **options: Any) -> object:  # noqa: ANN401 - passed on
        return real([sys.executable, "-c", program], **options)

    monkeypatch.setattr(pdf, "WITHIN", 1.0)
    monkeypatch.setattr(subprocess, "run", broken)
    with pytest.raises(pdf.LayoutError):
        pdf.lay_out("<p>text", "letter.css")


def test_the_server_itself_loads_no_library_for_layout() -> None:
    program = (
        "import sys; from screening.web.shell import pdf; pdf.can_write_pdf();"
        "sys.exit('weasyprint' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
