import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.people.visitor import Visitor

from screening import create_app
from screening.cli import main
from screening.records.access import Actor, Role
from screening.records.installation.opening import open_records
from screening.records.installation.secret_files import open_secret
from screening.records.installation.settings import Settings
from screening.records.ledger.records import Records
from screening.records.people import link_codes, people
from screening.records.people.administration import COMMAND_LINE
from screening.records.people.people import NewPerson, load_row
from screening.records.rights import proposal_list, proposals, rights_notices
from screening.records.rights.access_review import last_review

EMAIL = "ann@clinic.localhost"
ADA = Actor(id=1, name="Ada", roles=frozenset({Role.ADMINISTRATOR}), sites=frozenset())


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation that was started once."""
    for name in ("DATABASE_URL", "SCREENING_KEYS", "SCREENING_KEYS_FILE", "SCREENING_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SCREENING_DATA", str(tmp_path / "data"))
    open_records(Settings.read()).database.close()
    open_secret(Settings.read())
    return tmp_path / "data"


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


@contextmanager
def opened() -> Iterator[Records]:
    """The records of the installation, from outside of the command."""
    records = open_records(Settings.read())
    yield records
    records.database.close()


def added() -> None:
    assert run("sites", "add", "North").exit_code == 0
    options = ("--name", "Ann Miller", "--role", "nurse", "--site", "north")
    assert run("users", "add", EMAIL, *options).exit_code == 0


def test_a_site_is_added_with_its_time_zone() -> None:
    assert run("sites", "add", "East", "--time-zone", "Pacific/Kiritimati").exit_code == 0
    assert "East  Pacific/Kiritimati\n" in run("sites", "list").output
    refused = run("sites", "add", "Far", "--time-zone", "Mars/Olympus")
    assert (refused.exit_code, "Europe/London" in refused.output) == (2, True)


def test_people_and_sites_are_added_and_listed() -> None:
    added()
    assert run("sites", "list").output == "North  time zone of the server\n"
    assert run("users", "list").output == f"{EMAIL}  Ann Miller  nurse  at North\n"


def test_a_link_that_the_command_prints_sets_a_password() -> None:
    added()
    said = run("users", "link", EMAIL, "--address", "https://clinic.example/").output.strip()
    assert re.fullmatch(r"https://clinic\.example/account/link/\S+", said)
    settings = Settings.read()
    records = open_records(settings)
    client = create_app(records=records, SECRET_KEY=open_secret(settings)).test_client()
    visitor = Visitor(client)
    page = visitor.open(said.removeprefix("https://clinic.example"))
    typed = dict.fromkeys(("password", "password_confirm"), "quiet river under stone")
    visitor.press(page, "Set password", **typed)
    assert visitor.enter(EMAIL, "quiet river under stone").status_code == 302
    records.database.close()


def test_a_link_to_this_machine_says_how_to_name_another_address() -> None:
    added()
    done = run("users", "link", EMAIL)
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/account/link/\S+\n", done.stdout)
    assert f"`screening users link {EMAIL} --address https://screening.clinic" in done.stderr
    assert "--address" not in run("users", "link", EMAIL, "--address", "https://a.example").output


def test_an_administrator_is_listed_without_a_site() -> None:
    run("users", "add", "ada@clinic.localhost", "--name", "Ada", "--role", "administrator")
    assert run("users", "list").output == "ada@clinic.localhost  Ada  administrator\n"


def propose_nurse() -> int:
    """What an administrator proposed on the page; gives its number."""
    run("sites", "add", "North")
    run("users", "add", "ada@clinic.localhost", "--name", "Ada", "--role", "administrator")
    records = open_records(Settings.read())
    ada = people.find_person(records, COMMAND_LINE, "ada@clinic.localhost")
    assert ada
    actor = Actor(id=ada.id, name=ada.name, roles=ada.roles, sites=frozenset())
    new = NewPerson(
        name="Ann Miller", email=EMAIL, roles=frozenset({Role.NURSE}), sites=frozenset({1})
    )
    proposals.propose_person(records, actor, new)
    number = proposal_list.proposals(records, COMMAND_LINE)[0].number
    records.database.close()
    return number


def test_the_command_line_marks_a_proposal_that_is_out_of_date() -> None:
    propose_nurse()
    run("users", "roles", EMAIL, "--role", "auditor", "--site", "North")
    assert "out of date: refuse it" in run("users", "proposals").output


def test_the_command_line_is_the_second_person_where_there_is_one_administrator() -> None:
    number = propose_nurse()
    assert f"{EMAIL}  Ann Miller    at no site" in run("users", "list").output
    waiting = f"{number}  add  {EMAIL}  Ann Miller  nurse  at North  proposed by Ada\n"
    assert run("users", "proposals").output == waiting
    said = run("users", "approve", str(number)).output
    code = link_codes.link_code(open_secret(Settings.read()), number)
    give = f"Give this code to Ann Miller yourself, and to nobody else: {code}."
    assert said == f"Approved {number}: add {EMAIL}\n{give} Ada has the link that it opens.\n"
    assert f"{EMAIL}  Ann Miller  nurse  at North" in run("users", "list").output
    assert run("users", "proposals").output == ""
    for words in ("approve", "refuse"):
        assert run("users", words, str(number)).exit_code == 2


def test_the_command_line_refuses_what_was_proposed() -> None:
    number = propose_nurse()
    assert run("users", "refuse", str(number)).output == f"Refused {number}.\n"
    assert f"{EMAIL}  Ann Miller    at no site" in run("users", "list").output


def test_who_has_which_rights_is_printed_and_the_review_recorded() -> None:
    added()
    said = run("users", "review", "--csv", "--reviewed").output
    heading, line = said.splitlines()
    assert heading.startswith("name,email,active,roles,sites,since,given by,approved by")
    assert line.startswith(f"Ann Miller,{EMAIL},yes,nurse,North,")
    assert line.endswith(',the command line,,never,none,"never used, no second factor"')
    assert "roles: nurse  sites: North" in run("users", "review").output
    records = open_records(Settings.read())
    reviewed = last_review(records)
    records.database.close()
    assert reviewed
    assert reviewed.by == "the command line"


NORTH = ("--site", "North")


def test_roles_are_changed_and_accounts_made_inactive() -> None:
    added()
    run("users", "add", "ada@clinic.localhost", "--name", "Ada", "--role", "administrator")
    said = run(
        "users", "roles", EMAIL, "--role", "auditor", "--role", "administrator", *NORTH
    ).output
    assert said == f"{EMAIL}  Ann Miller  administrator, auditor  at North\n"
    assert run("users", "deactivate", EMAIL).exit_code == 0
    assert "(inactive)" in run("users", "list").output


def test_the_only_administrator_gets_in_again_without_their_phone() -> None:
    run("users", "add", EMAIL, "--name", "Ada", "--role", "administrator")
    with opened() as records:
        with records.database.writing() as session:
            row = load_row(session, 1)
            row.tf_primary_method, row.tf_totp_secret = "authenticator", "0" * 16
        assert people.load_person(records, COMMAND_LINE, 1).has_codes
    said = run("users", "lost-phone", EMAIL)
    assert said.output == f"Removed the second factor of {EMAIL}, and ended their sessions.\n"
    with opened() as records:
        assert not people.load_person(records, COMMAND_LINE, 1).has_codes
        [*_, last] = rights_notices.new_notices(records, ADA)
    assert (last.change.action.value, last.by) == ("factor", "the command line")


NURSE = ("--name", "Ann", "--role", "nurse")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("add", EMAIL, *NURSE, "--site", "Far"), "no site “Far”; `screening sites list` shows"),
        (("add", EMAIL, *NURSE), "sees only the cases of their sites; add --site NAME"),
        (("roles", EMAIL, "--role", "lead-nurse"), "sees only the cases of their sites"),
        (("roles", EMAIL, "--role", "auditor"), "nurse or auditor sees only the cases of their"),
        (("add", "@", *NURSE), "“@” is not an email address such as"),
        (("add", "ann", *NURSE), "“ann” is not an email address such as"),
        (("add", "a b@c", *NURSE), "“a b@c” is not an email address such as"),
        (("add", EMAIL, "--name", " ", "--role", "auditor"), "the name of the person is empty"),
        (("add", EMAIL, "--name", "Ann", "--role", "doctor"), "'doctor' is not one of 'nurse'"),
        (("link", "x@y.localhost"), "no account “x@y.localhost”; `screening users list` shows"),
        (("deactivate", "x@y.localhost"), "no account “x@y.localhost”"),
        (("lost-phone", "x@y.localhost"), "no account “x@y.localhost”"),
        (("lost-phone", EMAIL), "has no second factor, so nothing was removed"),
        (("approve", "99"), "no proposed change 99 is waiting for approval; `screening users pro"),
        (
            ("approve", "three"),
            "“three” is not the number of a proposed change; `screening",
        ),
        (("refuse", "0"), "“0” is not the number of a proposed change"),
        (("refuse", "99"), "no proposed change 99 is waiting for approval"),
    ],
)
def test_what_cannot_be_done_is_said_and_is_a_wrong_call(words: tuple[str, ...], says: str) -> None:
    added()
    result = run("users", *words)
    assert (result.exit_code, says in result.output) == (2, True), result.output


def test_a_site_has_a_name() -> None:
    result = run("sites", "add", " ")
    assert (result.exit_code, "cannot be empty" in result.output) == (2, True)


def test_nobody_gets_a_link_to_an_inactive_account() -> None:
    added()
    run("users", "add", "ada@clinic.localhost", "--name", "Ada", "--role", "administrator")
    run("users", "deactivate", EMAIL)
    result = run("users", "link", EMAIL)
    assert (result.exit_code, "is inactive, so nobody can sign in" in result.output) == (2, True)
    assert "/account/link/" not in result.output


def test_an_address_and_a_site_are_taken_once() -> None:
    added()
    assert "already in use" in run("sites", "add", "NORTH").output
    again = run("users", "add", EMAIL.upper(), "--name", "Eve", "--role", "auditor", *NORTH)
    assert "already in use" in again.output


def test_the_only_administrator_stays() -> None:
    run("sites", "add", "North")
    run("users", "add", "ada@clinic.localhost", "--name", "Ada", "--role", "administrator")
    for words in (
        ("deactivate", "ada@clinic.localhost"),
        ("roles", "ada@clinic.localhost", "--role", "auditor", *NORTH),
    ):
        result = run("users", *words)
        assert result.exit_code == 2
        assert "only active administrator" in result.output


def test_no_other_command_loads_the_web_or_the_database() -> None:
    code = (
        "import sys, screening.cli.operation.users, screening.cli;"
        "sys.exit(any(name in sys.modules for name in ('flask', 'sqlalchemy', 'argon2')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
