"""`screening demo`: made-up cases in every state, and nobody can take them for real ones."""

import re
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from sqlalchemy import select
from support.people.web_people import add_site
from support.services import pictures
from support.services.service import COMMAND, Browser, Service, environment, service
from support.services.soak import person

from screening.cli.service.demo import CHANGED, ELSEWHERE, KEPT, VERIFY, spell_program
from screening.records.access import Actor, Role
from screening.records.case.case_rows import State
from screening.records.installation.opening import open_records
from screening.records.installation.secret_files import PASSWORDS
from screening.records.installation.settings import Settings
from screening.records.operation.demonstration import mark
from screening.records.people.passwords import hash_password
from screening.records.storage import schema
from screening.records.storage.account_tables import User
from screening.records.verification.verify import verify_ledger
from screening.records.worklist.worklist import counts

LEAD = Actor(id=3, name="Lea Example", roles=frozenset({Role.LEAD_NURSE}), sites=frozenset({1, 2}))
BANNER = "every case here is made up"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def demo(folder: Path) -> Iterator[Service]:
    environ = environment(folder / "unused")
    with service(folder, environ, str(folder / "data"), command="demo") as running:
        yield running


def test_every_page_says_that_its_cases_are_made_up(demo: Service) -> None:
    with Browser(demo.address) as browser:
        assert browser.sign_in(*person(demo, "nurse")).url.endswith("/worklist/")
        work = browser.get("worklist/").text
        (case, *_) = re.findall(r'href="/(case/[0-9a-f]{32}/)', work)
        for path in ("worklist/", "worklist/chase", "worklist/new", case, f"{case}history"):
            assert BANNER in browser.get(path).text
        assert "Example " in work
        assert "overdue" in browser.get("worklist/chase").text


def test_the_pictures_of_readme_can_be_drawn_again(
    demo: Service, browser: Chromium, tmp_path: Path
) -> None:
    pictures.draw(browser, demo, tmp_path)
    drawn = {each.name: size(each) for each in tmp_path.iterdir()}
    assert drawn == {each.name: size(each) for each in pictures.FOLDER.iterdir()}
    readme = (pictures.FOLDER.parents[1] / "README.md").read_text("utf-8")
    shown = re.findall(r'<img alt="[^"]{20,}" src="docs/pictures/([^"]+)"', readme)
    assert sorted(shown) == sorted(drawn)


def size(picture: Path) -> bytes:
    """Width and height as the head of a PNG file holds them."""
    return picture.read_bytes()[16:24]


def test_there_are_cases_of_every_state_and_the_ledger_agrees(demo: Service, folder: Path) -> None:
    records = open_records(Settings.read(environment(folder / "data")))
    assert set(counts(records, LEAD).states) == set(State)
    assert verify_ledger(records, [], None).faults == []
    records.database.close()
    assert not (folder / "unused").exists()


def test_the_command_that_it_prints_verifies_its_ledger(demo: Service, folder: Path) -> None:
    (line,) = (
        each.removeprefix(VERIFY)
        for each in demo.said.read_text("utf-8").splitlines()
        if each.startswith(VERIFY)
    )
    assert str(folder / "data") in line
    environ, shell = environment(folder / "unused"), ["sh", "-c", line]
    found = subprocess.run(shell, env=environ, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert "every row is as it was written" in found.stdout


def test_it_leads_past_settings_of_other_records(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As DATABASE_URL does, which the demonstration itself does not read."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'other.sqlite'}")
    monkeypatch.setattr("sys.argv", ["/opt/bin/screening", "demo"])
    said = spell_program(tmp_path / "made up", ELSEWHERE)
    assert said == f"DATABASE_URL= SCREENING_DATA='{tmp_path}/made up' /opt/bin/screening"


def test_a_second_start_keeps_the_passwords_and_says_so(demo: Service, folder: Path) -> None:
    before = person(demo, "auditor")
    assert KEPT not in demo.said.read_text("utf-8")
    settings = Settings.read(environment(folder / "data"))
    records = open_records(settings)
    with records.database.writing() as session:
        nurse = session.scalars(select(User).where(User.email == "nurse@south.example")).unique()
        nurse.one().password = hash_password("chosen by somebody")
    records.database.close()
    again = folder / "again"
    again.mkdir()
    with service(again, environment(again), str(folder / "data"), command="demo") as second:
        assert person(second, "auditor") == before
        said = second.said.read_text("utf-8")
        with Browser(second.address) as browser:
            assert browser.sign_in(*before).url.endswith("/worklist/")
    assert said.endswith(f"{KEPT}\n")
    assert f"nurse@south.example    {CHANGED}\n" in said
    file = settings.folder / PASSWORDS
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_records_that_are_no_demonstration_are_left_alone(tmp_path: Path) -> None:
    environ = environment(tmp_path)
    records = open_records(Settings.read(environ))
    add_site(records, "North")
    records.database.close()
    line = [*COMMAND, "demo", str(tmp_path), "--port", "0"]
    said = subprocess.run(line, env=environ, capture_output=True, text=True, check=False)
    assert said.returncode == 2
    assert "not a demonstration" in said.stderr


def test_a_demonstration_of_an_earlier_version_names_the_command_that_upgrades_it(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "made up"
    settings = Settings.read(environment(folder))
    records = open_records(settings)
    mark(records)
    schema.downgrade(records.database, "-1")
    records.database.close()
    environ = environment(tmp_path / "own")
    line = [*COMMAND, "demo", str(folder), "--port", "0"]
    said = subprocess.run(line, env=environ, capture_output=True, text=True, check=False)
    assert said.returncode == 69
    command = said.stderr.partition("; upgrade it with: ")[2].strip()
    assert f"SCREENING_DATA='{folder}'" in command
    shell = ["sh", "-c", command]
    done = subprocess.run(shell, env=environ, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    open_records(settings).database.close()
    assert not (tmp_path / "own").exists()
