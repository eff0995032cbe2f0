"""What is typed is found nowhere but sealed: not in logs, the database, its journal or a backup."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from support.pages.page_reader import Page
from support.people.web_people import add_site
from support.services.canaries import Canaries, files, found
from support.services.service import Browser, Service, environment, form_with, run, service
from support.setup import postgres as postgresql

from screening.records.access import Role
from screening.records.installation.opening import open_records
from screening.records.installation.settings import Settings
from screening.records.people import people
from screening.records.people.administration import COMMAND_LINE
from screening.records.people.passwords import hash_password
from screening.records.people.people import NewPerson

EMAIL = "ann@clinic.example"
ADD = "Add and screen now"
UNUSUAL_DAY = "1931-07-23"


@dataclass(slots=True)
class Place:
    """A service with its records, and how to disturb its database."""

    folder: Path
    environ: dict[str, str]
    server: postgresql.Server | None

    @property
    def database(self) -> str:
        return Settings.read(self.environ).database

    def execute(self, statement: str) -> None:
        """Do something to the database behind the service's back."""
        if self.server is None:
            with sqlite3.connect(self.folder / "data" / "screening.db", timeout=20) as connection:
                connection.execute(statement)
            connection.close()
            return
        engine = create_engine(self.database.replace("postgresql:", "postgresql+psycopg:"))
        with engine.begin() as opened:
            opened.execute(text(statement))
        engine.dispose()

    def rows(self, table: str) -> bytes:
        """Every row of a table, as text."""
        records = open_records(Settings.read(self.environ))
        with records.database.reading() as session:
            rows = session.execute(text(f"SELECT * FROM {table}")).all()
        records.database.close()
        return "\n".join(map(repr, rows)).encode()

    @contextmanager
    def down(self) -> Iterator[None]:
        """The database cannot be reached, or is locked for good."""
        if self.server is not None:
            self.server.stop()
            yield
            self.server.start()
            return
        connection = sqlite3.connect(self.folder / "data" / "screening.db", isolation_level=None)
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")
        connection.close()

    def left_behind(self) -> Iterator[tuple[str, bytes]]:
        """Every file that there is by now, the server's and PostgreSQL's with its log."""
        if self.server is None:
            yield from files(self.folder)
            return
        self.execute("COMMIT; CHECKPOINT")
        yield from files(self.folder, self.server.folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "sqlite":
        yield Place(tmp_path, environment(tmp_path / "data"), None)
        return
    with postgresql.server(durable=True) as server:
        address = server.address("postgres")
        yield Place(tmp_path, environment(tmp_path / "data", DATABASE_URL=address), server)


def test_nothing_that_was_typed_is_found_anywhere(place: Place) -> None:
    canary, plain = Canaries(), Canaries()
    password = f"{canary('the right password')} 2026"
    add_ann(place, password)
    with (
        service(place.folder, place.environ, "--log-requests") as running,
        Browser(running.address) as browser,
    ):
        type_everywhere(place, browser, canary, plain, password)
        force_errors(place, browser, canary)
        assert running.stop() == 0
        # in SQLite, renaming a table and back leaves another shape, which is a fault
        faulty = place.server is None
        run(place.environ, "backup", str(place.folder / "kept.backup"), status=3 if faulty else 0)
        check_log(running, canary)
    left = list(place.left_behind())
    assert found(canary.words, left) == []
    assert [name for name, held in left if UNUSUAL_DAY.encode() in held] == []
    check_that_it_would_be_found(place, left, plain)


def check_log(running: Service, canary: Canaries) -> None:
    """The log has a line for each request and each fault, and every one of them is JSON."""
    lines = [json.loads(line) for line in running.complained.read_text("utf-8").splitlines()]
    pages = {(line.get("page"), line.get("status")) for line in lines}
    assert {("referral.add", 303), ("answers.section", 400), ("none", 404)} <= pages
    assert {line["level"] for line in lines} == {"info", "error"}
    assert any(status == 503 for _, status in pages)
    assert any(status == 500 for _, status in pages)
    assert max(line.get("account") or 0 for line in lines) == 1
    assert canary.words


def check_that_it_would_be_found(
    place: Place, left: list[tuple[str, bytes]], plain: Canaries
) -> None:
    """The name of the clinic is kept open, for sorting: the search finds it where it is kept."""
    hits = found(plain.words, left)
    wanted = ["kept.backup", "screening.db"] if place.server is None else ["kept.backup", "log"]
    assert all(any(hit.endswith(name) for hit in hits) for name in wanted), hits
    if place.server is not None:
        assert any("/data/base/" in hit for hit in hits), hits
    assert not any(hit.endswith(("stdout", "stderr")) for hit in hits), hits
    for table in ("sessions", "events", "once", "case_words", "answers", "assessments"):
        assert found(plain.words, [(table, place.rows(table))]) == []


def add_ann(place: Place, password: str) -> None:
    records = open_records(Settings.read(place.environ))
    site = add_site(records, "North")
    new = NewPerson(
        name="Ann Miller",
        email=EMAIL,
        roles=frozenset({Role.LEAD_NURSE, Role.ADMINISTRATOR}),
        sites=frozenset({site}),
        password_hash=hash_password(password),
    )
    people.add_person(records, COMMAND_LINE, new)
    records.database.close()


def type_everywhere(
    place: Place, browser: Browser, canary: Canaries, plain: Canaries, password: str
) -> None:
    strangers_try(browser, canary, plain)
    assert browser.sign_in(EMAIL, password).url.endswith("/worklist/")
    case = refer(browser, canary, plain)
    search(browser, canary)
    answer(browser, canary, case)
    decide(browser, canary, case)
    import_file(browser, canary)
    answered = browser.press(
        "account/password", "Change password", password=canary("a wrong old password"),
        new_password=canary("a new password") + " 2026",
        new_password_confirm=canary("its repetition") + " 2026",
    )  # fmt: skip
    assert answered.status_code == 200


def strangers_try(browser: Browser, canary: Canaries, plain: Canaries) -> None:
    # Addresses of accounts are kept open, so a database that logs all it is asked shows this one.
    browser.sign_in(plain("an unknown address") + "@x.example", canary("a wrong password"))
    browser.sign_in(EMAIL, canary("another wrong password"))
    word = canary("an address of no page")
    assert browser.get(f"{word}/x?{canary('a query')}={word}").status_code == 404
    headers = {"User-Agent": canary("a browser's name"), "Referer": canary("a page before")}
    browser.get(f"case/{word}/", headers=headers)
    browser.session.request(canary("a method").upper(), browser.address + "about", timeout=9)
    browser.session.cookies.set("screening-session", canary("a cookie"))
    browser.get("worklist/")
    browser.session.cookies.clear()
    browser.post("worklist/new", {"person": canary("a form of nobody")})
    browser.post("patient/question", {"q-age": canary("a patient's answer")})


def refer(browser: Browser, canary: Canaries, plain: Canaries) -> str:
    """A referral that is refused for its year, and then is not; gives the case's path."""
    typed = {
        "reference": canary("reference"),
        "person": f"{canary('first name')} {canary('surname')}",
        "clinic": plain("clinic"),
        "priority": "soon",
        "hospital_number": canary("hospital number"),
        "date_received": "2026-09-08",
    }
    refused = browser.press("worklist/new", ADD, **typed | {"birth_year": canary("birth year")})
    form = form_with(Page(refused.text), ADD)
    added = browser.send(form, "worklist/new", ADD, **typed | {"birth_year": "1931"})
    assert "/case/" in added.url, Page(added.text).text
    return added.url.removeprefix(browser.address).partition("?")[0].removesuffix("referral")


def search(browser: Browser, canary: Canaries) -> None:
    browser.press("worklist/", "Find", text=canary("search"))
    browser.get(f"worklist/?text={canary('search in the address')}")


def answer(browser: Browser, canary: Canaries, case: str) -> None:
    sheet = form_with(browser.page(case), "Save")
    word = canary("a day that is none")
    bad = {"q-imaging_date-day": word, "q-age": word, "q-cause": canary("a choice"), "as_of": word}
    browser.send(sheet, case, "Save", **bad)
    year, month, day = UNUSUAL_DAY.split("-")
    good = {"q-onset_date-day": day, "q-onset_date-month": month, "q-onset_date-year": year}
    saved = browser.send(sheet, case, "Save", **good)
    assert "since=" in saved.url, saved.url
    assert "1931" in browser.get(f"{case}history").text
    spoilt = json.dumps({"version": 1, "q-age": canary("JSON")}) + "}"
    headers = {"Content-Type": "application/json"}
    browser.post(f"{case}section", spoilt, headers=headers)
    token = dict(sheet.fields)["csrf_token"]
    browser.post(f"{case}section", {"csrf_token": token, "version": canary("version")})
    browser.post(f"{case}section", {"csrf_token": canary("token"), "version": "1"})
    missing = form_with(browser.page(f"{case}missing"), "Save")
    (due,) = [name for name, _ in missing.fields if name.startswith("due-")][:1]
    browser.send(missing, f"{case}missing", "Save", **{due: canary("a day on the chase list")})


def decide(browser: Browser, canary: Canaries, case: str) -> None:
    result = browser.press(case, "Show result")
    path = result.url.removeprefix(browser.address)
    (form,) = (form for form in Page(result.text).forms if form.action.endswith("/review"))
    (button,) = form.buttons
    browser.send(form, path, button, note=canary("a note without a decision"))
    decided = browser.send(form, path, button, choice="ask-more:other", note=canary("a note"))
    assert canary.words["a note"] in decided.text
    assert browser.get(f"{path}/letter").status_code == 200
    assert browser.get(f"{path}/letter.pdf").content.startswith(b"%PDF")
    assert canary.words["surname"] in browser.get("worklist/export.csv").text


def import_file(browser: Browser, canary: Canaries) -> None:
    form = form_with(browser.page("worklist/import"), "Check the file")
    heading = "reference,person,birth year,clinic,priority,hospital number,date received\n"
    row = f"{canary('imported reference')},{canary('imported person')},1950,Ward,soon,"
    row += f"{canary('imported number')},2026-09-08\n"
    wrong = f"{canary('unfit row')},{canary('unfit person')},{canary('unfit year')},Ward,soon,"
    wrong += f"{canary('unfit number')},{canary('unfit day')}\n"
    for table in (heading + row + wrong, canary("no table") + "\0", heading + row):
        shown = browser.post(
            "worklist/import",
            dict(form.fields),
            files={"file": (canary("a file's name") + ".csv", table.encode())},
        )
    (confirm,) = (form for form in Page(shown.text).forms if form.action.endswith("/confirm"))
    (button,) = confirm.buttons
    assert browser.send(confirm, "worklist/import", button).status_code == 200
    assert canary.words["imported person"] in browser.get("worklist/").text


def force_errors(place: Place, browser: Browser, canary: Canaries) -> None:
    def add(reason: str) -> int:
        return browser.send(
            form, "worklist/new", ADD, reference=canary(f"reference, {reason}"),
            person=canary(f"person, {reason}"), clinic="Ward", priority="soon", birth_year="1931",
        ).status_code  # fmt: skip

    form = form_with(browser.page("worklist/new"), ADD)
    place.execute("ALTER TABLE case_words RENAME TO hidden_words")
    assert add("no table") == 500
    place.execute("ALTER TABLE hidden_words RENAME TO case_words")
    place.execute("CREATE UNIQUE INDEX spoilt ON cases (clinic)")
    assert add("a constraint") == 500
    place.execute("DROP INDEX spoilt")
    with place.down():
        assert add("database down") == 503
    assert browser.get("ready").status_code == 200
