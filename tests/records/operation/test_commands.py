"""The commands as those who look after the records give them, in processes' own environment."""

import base64
import datetime as dt
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, text
from support.casework.case_writes import UNKNOWN, answers, saved
from support.storage import databases
from support.storage.databases import People
from support.storage.forgery import tamper
from support.storage.plain_form import make_plain

from screening.cli import main
from screening.core.results.warning_signs import Warnings
from screening.core.values.answer import Answer
from screening.core.values.referral import Priority, Referral
from screening.records.access import Actor
from screening.records.case.case_view import open_case
from screening.records.case.history import EntryMethod
from screening.records.casework import cases
from screening.records.casework.answers import Submission, save_answers
from screening.records.casework.emergency_access import EmergencyRequest, open_emergency_access
from screening.records.installation import opening
from screening.records.installation.secret_files import SECRET, SIGNER
from screening.records.installation.settings import DATABASE, HEADS, Settings
from screening.records.ledger.records import Records
from screening.records.operation import erasure
from screening.records.sealing.vault import Keyring
from screening.records.storage import schema
from screening.records.storage.tables import AnswerRow, CaseRow, EmergencyTryRow, SecretRow
from screening.records.verification.verify import verify_ledger
from screening.records.worklist import worklist

pytestmark = pytest.mark.long

CANARY = "Quokka Quill"
ON_ITS_KEY = SecretRow.name == EmergencyTryRow.id


@dataclass(slots=True)
class Place:
    """An installation: its environment, and commands that run there."""

    environment: dict[str, str]

    @property
    def settings(self) -> Settings:
        return Settings.read(self.environment)

    def open(self) -> Records:
        return opening.open_records(self.settings)

    def run(self, *words: str, typed: str = "") -> Result:
        clean = {"DATABASE_URL": "", "SCREENING_KEYS": "", "SCREENING_RETENTION_DAYS": ""}
        runner = CliRunner(env=clean | self.environment)
        return runner.invoke(main, list(words), input=typed)

    def said(self, *words: str, typed: str = "") -> str:
        done = self.run(*words, typed=typed)
        assert done.exit_code == 0, done.output
        return done.output


def referral(number: int) -> Referral:
    return Referral(
        reference=f"REF-{number:04}",
        person=f"{CANARY}{number}",
        birth_year=1940 + number % 60,
        clinic="Spine",
        priority=Priority.ROUTINE,
    )


def fill(records: Records) -> tuple[Actor, list[str]]:
    nurse = People(records).actor()
    (site,) = nurse.sites
    added = [cases.add_case(records, nurse, site, referral(n), f"key-{n:08}") for n in range(3)]
    records.database.close()
    return nurse, added


Make = Callable[[str], Place]


@pytest.fixture
def make(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Make]:
    """Makes installations of either kind, with nothing in them; keys lie in one place."""
    opened: list[AbstractContextManager[str] | None] = []

    def build(kind: str) -> Place:
        folder = tmp_path / f"data{len(opened)}"
        environment = {"SCREENING_DATA": str(folder)}
        environment["SCREENING_KEYS_FILE"] = str(tmp_path / "keys" / "keys.json")
        if kind == "postgresql":
            context = databases.postgresql_empty(request.getfixturevalue("postgres"))
            environment["DATABASE_URL"] = context.__enter__()
            opened.append(context)
        else:
            opened.append(None)
        return Place(environment)

    yield build
    for context in opened:
        if context:
            context.__exit__(None, None, None)


KINDS = ("sqlite", "postgresql")


@pytest.mark.parametrize("into", KINDS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_backup_of_either_database_is_restored_into_either(
    make: Make, tmp_path: Path, kind: str, into: str
) -> None:
    old, new, file = make(kind), make(into), tmp_path / "a b.backup"
    nurse, added = fill(old.open())
    encrypted = ("--encrypt",) if kind != into else ()
    assert "3 cases" in old.said("backup", str(file), *encrypted)
    assert "compared every table" in new.said("restore", str(file))
    records = new.open()
    found = worklist.worklist(records, nurse, worklist.Query(text="quokka"))
    assert {each.id for each in found.cases} == set(added)
    assert cases.find_case(records, nurse, added[1]).referral == referral(1)
    assert not verify_ledger(records).faults
    fourth = People(records).actor(sites=("South",))  # numbers go on after those that were restored
    assert fourth.id > nurse.id
    records.database.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_backup_holds_no_key_and_nothing_that_is_known_of_a_patient(
    make: Make, tmp_path: Path, kind: str
) -> None:
    place, file = make(kind), tmp_path / "b"
    fill(place.open())
    place.said("backup", str(file))
    held = file.read_bytes()
    assert CANARY.encode() not in held
    assert b"REF-0001" not in held
    ring = Keyring.read(place.settings.keyring_file.read_text())
    for key in ring.keys.values():
        assert key not in held
        assert key.hex().encode() not in held
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("kind", KINDS)
def test_a_database_in_which_nothing_was_written_makes_way(
    make: Make, tmp_path: Path, kind: str
) -> None:
    old, new, file = make("sqlite"), make(kind), str(tmp_path / "b")
    fill(old.open())
    old.said("backup", file)
    new.said("keys", "make")
    assert "Restored 3 cases" in new.said("restore", file)
    assert "Every event follows" in new.said("ledger", "verify")
    refused = new.run("restore", file)
    assert (refused.exit_code, "a restore never overwrites one" in refused.output) == (69, True)
    where = str(new.settings.folder) if kind == "sqlite" else "the database of DATABASE_URL"
    assert where in refused.output


def test_a_refused_restore_leaves_no_file(make: Make, tmp_path: Path) -> None:
    old, new, file = make("sqlite"), make("sqlite"), tmp_path / "b"
    fill(old.open())
    old.said("backup", str(file))
    file.write_bytes(file.read_bytes()[:-100])
    for path, status in ((file, 69), (tmp_path / "nothing", 2)):
        assert new.run("restore", str(path)).exit_code == status
        assert list(new.settings.folder.iterdir()) == []


def test_a_backup_into_no_folder_names_the_folder(make: Make, tmp_path: Path) -> None:
    place = make("sqlite")
    fill(place.open())
    done = place.run("backup", str(tmp_path / "nonexistent" / "x"))
    assert done.exit_code == 2
    assert f"there is no folder {tmp_path}/nonexistent; make it, or name another" in done.output


def test_nobody_is_asked_about_a_key_that_cannot_be_destroyed(make: Make) -> None:
    place = make("sqlite")
    fill(place.open())
    newest = place.open().keyring().newest
    for name, says in (("abc", "has no key abc"), (newest, "the newest key cannot be destroyed")):
        done = place.run("keys", "destroy", name, typed="y\n")
        assert (done.exit_code, says in done.output) == (2, True), done.output
        assert "Nobody can ever restore" not in done.output


@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_key_id_stops_no_command_and_is_named(
    make: Make, tmp_path: Path, kind: str
) -> None:
    place = make(kind)
    _, added = fill(place.open())
    records = place.open()
    changed = f"UPDATE case_keys SET key_id = 'x' WHERE case_id = '{added[0]}'"
    tamper(records, changed, "UPDATE secrets SET key_id = 'x'")
    records.database.close()
    verified = place.run("ledger", "verify")
    assert verified.exit_code == 1, verified.output
    for row in (f"case_keys/{added[0]}", "secrets/index/4"):
        assert f"{row}: it is not as the ledger says" in verified.output
    backup = place.run("backup", str(tmp_path / "b"))
    assert (backup.exit_code, (tmp_path / "b").exists()) == (3, True), backup.output
    assert "3 cases" in make(kind).said("restore", str(tmp_path / "b"), "--despite-faults")


def test_keys_rotate_names_the_case_whose_key_is_damaged(make: Make) -> None:
    place = make("sqlite")
    _, added = fill(place.open())
    records = place.open()
    old = records.keyring().newest
    tamper(records, f"UPDATE case_keys SET wrapped = x'00' WHERE case_id = '{added[0]}'")
    records.database.close()
    done = place.run("keys", "rotate")
    assert done.exit_code == 1, done.output
    assert "Rewrapped 3 keys." in done.stdout
    assert f"- case {added[0]}\n" in done.stderr
    assert added[1] not in done.output
    assert "Keep the old key" in done.stderr
    assert f"{old}  opens 1" in place.said("keys", "list")
    assert "Nothing was changed" in place.said("keys", "rotate", "--if-older-than", "1")
    again = place.run("keys", "rotate", "--if-older-than", "0")
    assert (again.exit_code, "Rewrapped 3 keys." in again.stdout) == (1, True), again.output


def test_keys_rotate_names_no_more_than_a_screen_can_hold(make: Make) -> None:
    place = make("sqlite")
    records = place.open()
    nurse = People(records).actor()
    (site,) = nurse.sites
    for n in range(22):
        cases.add_case(records, nurse, site, referral(n), f"key-{n:08}")
    tamper(records, "UPDATE case_keys SET wrapped = x'00'", "UPDATE secrets SET wrapped = x'00'")
    records.database.close()
    done = place.run("keys", "rotate")
    assert done.exit_code == 1, done.output
    assert "Rewrapped 0 keys." in done.stdout
    assert done.stderr.count("- case ") == 20
    assert "- 3 more" in done.stderr


def test_forgetting_no_search_is_said_and_fails(make: Make) -> None:
    place = make("sqlite")
    fill(place.open())
    done = place.run("emergencies", "forget", "R-1024")
    assert (done.exit_code, "no search for “R-1024” that opened no case" in done.output) == (
        1,
        True,
    )


def test_one_of_a_thing_is_one(make: Make) -> None:
    place = make("sqlite")
    place.open().database.close()
    place.said("sites", "add", "North")
    said = place.said("ledger", "verify")
    assert re.search(r"\b1 (events|rows)\b", said) is None, said
    place.said("keys", "rotate")
    assert re.search(r"\b1 keys", place.said("keys", "rotate")) is None


def test_nothing_is_written_over(make: Make, tmp_path: Path) -> None:
    place, file = make("sqlite"), tmp_path / "b"
    fill(place.open())
    place.said("backup", str(file))
    before = file.read_bytes()
    assert "already there" in place.run("backup", str(file)).output
    refused = place.run("restore", str(file))
    assert (refused.exit_code, "a restore never overwrites one" in refused.output) == (69, True)
    assert file.read_bytes() == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["b", "data0", "keys"]


def test_a_changed_ledger_is_not_restored_unless_one_insists(make: Make, tmp_path: Path) -> None:
    old, new, file = make("sqlite"), make("sqlite"), tmp_path / "b"
    fill(old.open())
    with sqlite3.connect(Path(old.environment["SCREENING_DATA"]) / DATABASE) as raw:
        raw.execute("DROP TRIGGER events_no_update")
        raw.execute("UPDATE events SET by = 99 WHERE seq = 2")
    raw.close()
    assert old.run("backup", str(file)).exit_code == 3
    refused = new.run("restore", str(file))
    assert refused.exit_code == 69
    assert "1 fault" in refused.output
    assert "1 fault" in new.said("restore", str(file), "--despite-faults")


def test_without_the_keys_nothing_is_restored(make: Make, tmp_path: Path) -> None:
    old, new, file = make("sqlite"), make("sqlite"), tmp_path / "b"
    fill(old.open())
    old.said("backup", str(file))
    keyring = old.settings.keyring_file
    keyring.rename(tmp_path / "kept")
    assert "is missing" in new.run("restore", str(file)).output
    Keyring.make().save(keyring)
    assert "which is not in the keyring" in new.run("restore", str(file)).output
    shutil.copy(tmp_path / "kept", keyring)
    new.said("restore", str(file))


@pytest.mark.parametrize("kind", KINDS)
def test_an_erased_case_does_not_come_back_with_a_backup(
    make: Make, tmp_path: Path, kind: str
) -> None:
    old, new, file = make(kind), make(kind), tmp_path / "b"
    nurse, added = fill(old.open())
    old.said("backup", str(file))
    old.said("erase", added[0], "--reason", "request", "--yes")
    assert "Erased 1 case again." in new.said("restore", str(file))
    records = new.open()
    assert cases.find_case(records, nurse, added[0]).erased
    assert not cases.find_case(records, nurse, added[1]).erased
    assert not verify_ledger(records).faults
    records.database.close()


def test_a_restore_without_the_list_of_erased_cases_says_so(make: Make, tmp_path: Path) -> None:
    old, new, again, file = *(make("sqlite") for _ in range(3)), tmp_path / "b"
    nurse, added = fill(old.open())
    old.said("backup", str(file))
    old.said("erase", added[0], "--reason", "request", "--yes")
    listed = old.settings.erased_file
    listed.rename(tmp_path / "kept")
    done = new.run("restore", str(file))
    assert done.exit_code == 0
    assert f"no list of erased cases was found beside the keys ({listed})" in done.stderr
    assert "put the list there, and restore again into an empty database" in done.stderr
    assert not cases.find_case(new.open(), nurse, added[0]).erased
    shutil.copy(tmp_path / "kept", listed)
    assert "no list" not in again.run("restore", str(file)).stderr
    assert cases.find_case(again.open(), nurse, added[0]).erased


def test_the_old_key_destroyed_makes_old_backups_unreadable(make: Make, tmp_path: Path) -> None:
    old, new, file = make("sqlite"), make("sqlite"), tmp_path / "b"
    fill(old.open())
    old.said("backup", str(file))
    name = re.findall(r"^(\w+)  opens 4  \(newest\)", old.said("keys", "list"))[0]
    assert "Rewrapped 4" in old.said("keys", "rotate")
    assert old.run("keys", "destroy", name, typed="n\n").exit_code == 1
    old.said("keys", "destroy", name, typed="y\n")
    assert "which is not in the keyring" in new.run("restore", str(file)).output


def test_keys_in_the_environment_are_printed_to_be_set(make: Make) -> None:
    place = make("sqlite")
    fill(place.open())
    place.environment["SCREENING_KEYS"] = place.settings.keyring_file.read_text()
    done = place.run("keys", "rotate", "--print")
    assert "Set SCREENING_KEYS to the keyring below." in done.stderr
    ring = Keyring.read(done.stdout)
    place.environment["SCREENING_KEYS"] = done.stdout
    assert "Rewrapped 4" in place.said("keys", "rotate")
    (old,) = set(ring.keys) - {ring.newest}
    left = place.run("keys", "destroy", old, "--yes", "--print").stdout
    assert Keyring.read(left) == ring.without(old)


def test_a_new_keyring_of_the_ledger_is_printed_to_a_terminal_only_or_when_asked_for(
    make: Make, tmp_path: Path
) -> None:
    old, new = make("sqlite"), make("sqlite")
    old.environment["SCREENING_KEYS"] = Keyring.make().write()
    fill(old.open())  # whose ledger is not keyed, because nothing could store its secret
    early = str(tmp_path / "early.backup")
    old.said("backup", early)
    assert_nothing_printed(old, "upgrade")
    done = old.run("upgrade", "--print")
    assert "Set SCREENING_KEYS to the keyring below." in done.stderr
    ring = Keyring.read(done.stdout)
    new.environment["SCREENING_KEYS"] = old.environment["SCREENING_KEYS"] = done.stdout
    assert "is up to date already" in old.said("upgrade")
    assert_nothing_printed(new, "restore", early)
    done = new.run("restore", early, "--print")
    assert "Restored 3 cases" in done.stderr
    assert Keyring.read(done.stdout).epochs[:-1] == ring.epochs
    new.environment["SCREENING_KEYS"] = done.stdout
    assert "Every event follows" in new.said("ledger", "verify")


def assert_nothing_printed(place: Place, *words: str) -> None:
    """A command ends before it changes anything, and prints no key to what is no terminal."""
    ring = Keyring.read(place.environment["SCREENING_KEYS"])
    done = place.run(*words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Nothing was changed" in done.stderr
    assert not any(base64.b64encode(key).decode() in done.output for key in ring.keys.values())
    assert not list(place.settings.folder.glob("*.backup"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_case_is_erased_when_its_reference_is_typed(make: Make, kind: str) -> None:
    place = make(kind)
    nurse, added = fill(place.open())
    words = ("erase", added[0], "--reason", "request")
    assert place.run(*words, typed="REF-0001\n").exit_code == 2
    assert "Erased 1 case." in place.said(*words, typed="REF-0000\n")
    records = place.open()
    assert cases.find_case(records, nurse, added[0]).erased
    assert worklist.worklist(records, nurse, worklist.Query()).total == 2
    assert place.settings.erased_file.read_text() == f"{added[0]}\n"
    assert "was erased" in place.run(*words).output
    records.database.close()


def test_a_question_that_nobody_answers_says_what_was_left_undone(make: Make) -> None:
    place = make("sqlite")
    records = place.open()
    earlier = databases.Clock(records.now())
    earlier.advance(days=-101)
    _, added = fill(replace(records, now=earlier))
    place.environment["SCREENING_RETENTION_DAYS"] = "100"
    for words in (("erase", added[0], "--reason", "request"), ("retention", "--erase")):
        unanswered = place.run(*words)
        assert (unanswered.exit_code, "Nothing was erased." in unanswered.stderr) == (1, True)
    place.said("keys", "rotate")
    old = place.said("keys", "list").split()[0]
    declined = place.run("keys", "destroy", old, typed="n\n")
    assert (declined.exit_code, f"{old} was not destroyed." in declined.stderr) == (1, True)
    assert old in place.said("keys", "list")


@pytest.mark.parametrize("kind", KINDS)
def test_who_types_a_reference_to_erase_is_told_what_a_case_is_named_by(
    make: Make, kind: str
) -> None:
    place = make(kind)
    fill(place.open())
    done = place.run("erase", "REF-0000", "--reason", "request", "--yes")
    assert (done.exit_code, done.stdout) == (2, "")
    where = str(place.settings.folder) if kind == "sqlite" else "the database of DATABASE_URL"
    assert f"there is no case “REF-0000” in {where}." in done.stderr
    assert "it is not the reference. Nothing was erased" in done.stderr


def answer_yes(records: Records, nurse: Actor, case_id: str) -> None:
    """Answer an emergency sign."""
    alarm = Warnings(emergencies=("leg_weakness",))
    posted = {"leg_weakness": Answer(value=True)}
    save_answers(
        open_case(records, nurse, case_id),
        Submission(version=1, answers=posted, how=EntryMethod.FORM, idempotency_key="key-untold"),
        find_warnings=lambda _: alarm,
    )


def test_a_case_whose_emergency_nobody_was_told_of_is_not_erased_unasked(make: Make) -> None:
    place = make("sqlite")
    nurse, added = fill(place.open())
    records = place.open()
    answer_yes(records, nurse, added[0])
    words = ("erase", added[0], "--reason", "request", "--yes")
    refused = place.run(*words)
    assert refused.exit_code == 2
    assert "an emergency sign was answered yes" in refused.output
    assert "nobody has recorded who was told" in refused.output
    assert not cases.find_case(records, nurse, added[0]).erased
    assert "Erased 1 case." in place.said(*words, "--even-so")
    assert cases.find_case(records, nurse, added[0]).erased
    records.database.close()


def test_retention_counts_and_erases_only_when_told_to(make: Make) -> None:
    place = make("sqlite")
    records = place.open()
    before = replace(records, now=databases.Clock())  # 2026-11-20
    nurse, _ = fill(before)
    (site,) = nurse.sites
    later = databases.Clock()
    later.advance(days=200)
    cases.add_case(replace(records, now=later), nurse, site, referral(7), "key-00000007")
    assert place.run("retention").exit_code == 2
    place.environment["SCREENING_RETENTION_DAYS"] = "100"
    said = "0 cases have not changed for more than 100 days. Nothing was erased."
    assert said in place.said("retention")
    overdue = erasure.find_overdue(replace(records, now=later), 100)
    assert len(overdue) == 3
    assert erasure.erase_overdue(replace(records, now=later), 0, 100) == 3
    assert worklist.worklist(records, nurse, worklist.Query()).total == 1
    assert not verify_ledger(records).faults
    records.database.close()


def test_retention_runs_every_night_as_the_readme_says(make: Make, root: Path) -> None:
    readme = (root / "README.md").read_text("utf-8")
    said = re.search(r"Schedule `screening (retention [^`]+)` to run every night", readme)
    assert said
    place, records, old = kept_for_100_days(make)
    nurse, _ = fill(old)
    wanted = EmergencyRequest(reference="R-9", reason="patient-here", note="Fell, cannot stand")
    assert open_emergency_access(old, nurse, wanted, "key-00000009") == ()
    (site,) = nurse.sites
    cases.add_case(records, nurse, site, referral(7), "key-00000007")
    assert "Erased 3 cases and 1 emergency search." in place.said(*said[1].split())
    with records.database.reading() as session:
        rows = session.scalars(select(CaseRow)).all()
        assert sorted(row.erased_at is None for row in rows) == [False, False, False, True]
        assert session.scalars(select(SecretRow).join(EmergencyTryRow, ON_ITS_KEY)).all() == []
    assert "Erased 0 cases and 0 emergency searches." in place.said(*said[1].split())
    assert not verify_ledger(records).faults
    records.database.close()


def kept_for_100_days(make: Make) -> tuple[Place, Records, Records]:
    """An installation, its records, and the same with a clock of more than 100 days ago."""
    place = make("sqlite")
    place.environment["SCREENING_RETENTION_DAYS"] = "100"
    records = place.open()
    earlier = databases.Clock(records.now())
    earlier.advance(days=-101)
    return place, records, replace(records, now=earlier)


def test_retention_erases_no_large_part_of_all_unasked(make: Make) -> None:
    """As with a wrong clock, by which all cases are old."""
    place, records, old = kept_for_100_days(make)
    nurse = People(records).actor()
    (site,) = nurse.sites
    for number in range(11):
        cases.add_case(old, nurse, site, referral(number), f"key-{number:08}")
    refused = place.run("retention", "--erase", "--yes")
    assert refused.exit_code == 2
    assert "11 cases would be erased, which is more than a tenth of all." in refused.output
    assert len(erasure.find_overdue(records, 100)) == 11
    for number in range(11, 110):
        cases.add_case(records, nurse, site, referral(number), f"key-{number:08}")
    assert "Erased 11 cases" in place.said("retention", "--erase", "--yes")
    records.database.close()


def test_retention_says_that_it_erased_searches_where_no_case_is_old(make: Make) -> None:
    place, records, old = kept_for_100_days(make)
    nurse = People(records).actor()
    for number in (8, 9):
        wanted = EmergencyRequest(
            reference=f"R-{number}", reason="patient-here", note="Fell, cannot stand"
        )
        open_emergency_access(old, nurse, wanted, f"key-{number:08}")
    said = place.said("retention", "--erase", "--yes")
    assert said == "Erased 0 cases and 2 emergency searches.\n"
    records.database.close()


def test_a_case_that_cannot_be_read_is_erased_if_nobody_asks_to_read_it(make: Make) -> None:
    """As a patient may ask for it."""
    place = make("sqlite")
    records = place.open()
    nurse, added = fill(records)
    with records.database.engine.begin() as connection:
        told = {"value": b"\x00\xff", "case": added[0]}
        connection.execute(text("UPDATE cases SET sealed = :value WHERE id = :case"), told)
    words = ("erase", added[0], "--reason", "request")
    for more in ((), ("--yes",), ("--even-so",)):
        refused = place.run(*words, *more)
        assert (refused.exit_code, "cannot be read" in refused.output) == (2, True)
    assert "Erased 1 case." in place.said(*words, "--yes", "--even-so")
    assert cases.find_case(records, nurse, added[0]).erased
    records.database.close()


@pytest.mark.parametrize("column", ["sealed", "touched_at"])
def test_retention_leaves_out_and_names_what_somebody_changed(make: Make, column: str) -> None:
    """So that nobody can have a case erased that is not old, or hide its emergency by that."""
    place = make("sqlite")
    place.environment["SCREENING_RETENTION_DAYS"] = "100"
    records = place.open()
    long_ago = databases.Clock(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    _, added = fill(replace(records, now=long_ago))
    value = {"sealed": b"\x00\xff", "touched_at": "2019-01-01T00:00:00.000000Z"}[column]
    with records.database.engine.begin() as connection:
        told = {"value": value, "case": added[0]}
        connection.execute(text(f"UPDATE cases SET {column} = :value WHERE id = :case"), told)
    done = place.run("retention", "--erase", "--yes")
    assert "Left out: 1, because somebody changed the row" in done.output
    assert added[0] in done.output
    assert "Erased 2 cases" in done.output
    records.database.close()


def test_retention_leaves_out_and_names_what_nobody_was_told_of(make: Make) -> None:
    place = make("sqlite")
    records = place.open()
    long_ago = databases.Clock(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    nurse, added = fill(replace(records, now=long_ago))
    answer_yes(replace(records, now=long_ago), nurse, added[0])
    place.environment["SCREENING_RETENTION_DAYS"] = "100"
    counted = place.run("retention")
    assert (counted.exit_code, "Nothing was erased" in counted.output) == (0, True)
    assert added[0] in counted.output
    assert "2 cases have not changed for more than 100 days." in counted.output
    assert "Erased 2 cases and 0 emergency searches." in place.said("retention", "--erase", "--yes")
    assert not cases.find_case(records, nurse, added[0]).erased
    records.database.close()


ON_RECORDS = [
    "backup FILE", "upgrade", "keys list", "keys rotate", "keys destroy x --yes", "users list",
    "sites list", "ledger verify", "ledger head", "versions list", "replay", "retention",
    "erase R-1 --reason mistake --yes", "evidence R-1 1 FILE",
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "words"),
    [*(("sqlite", each) for each in ON_RECORDS), *(("postgresql", e) for e in ON_RECORDS[:2])],
)
def test_a_command_says_that_there_are_no_records_yet_and_makes_none(
    make: Make, tmp_path: Path, kind: str, words: str
) -> None:
    place = make(kind)
    folder = Path(place.environment["SCREENING_DATA"])
    place.environment["SCREENING_RETENTION_DAYS"] = "100"
    done = place.run(*words.replace("FILE", str(tmp_path / "made")).split())
    assert done.exit_code == 69, done.output
    where = str(folder) if kind == "sqlite" else "the database of DATABASE_URL"
    assert f"there are no records here yet, in {where}. `screening serve` makes" in done.output
    assert not folder.exists() or list(folder.iterdir()) == []
    assert not (tmp_path / "made").exists()


def test_a_mistyped_folder_gets_no_key(make: Make) -> None:
    place = make("sqlite")
    done = place.run("ledger", "key")
    assert (done.exit_code, done.stdout) == (69, "")
    assert f"there are no records here yet, in {place.settings.folder}." in done.stderr
    assert not place.settings.folder.exists()
    done = place.run("ledger", "key", "--make")
    assert f"Made the signing key {place.settings.folder / SIGNER}" in done.stderr
    again = place.run("ledger", "key")
    assert (again.stdout, again.stderr) == (done.stdout, "")


def test_a_key_that_got_lost_is_not_replaced_in_silence(make: Make) -> None:
    place = make("sqlite")
    fill(place.open())
    place.said("keys", "make")
    place.said("users", "add", "ann@clinic.example", "--name", "Ann", "--role", "administrator")
    head = place.said("ledger", "head")
    (place.settings.folder / HEADS).write_text(head)
    for name in (SECRET, SIGNER):
        (place.settings.folder / name).unlink()
    for words in (("users", "link", "ann@clinic.example"), ("ledger", "verify")):
        done = place.run(*words)
        assert (done.exit_code, "put it back" in done.output) == (69, True), done.output
    assert not {SECRET, SIGNER} & {file.name for file in place.settings.folder.iterdir()}


def test_making_keys_says_where(make: Make) -> None:
    place = make("sqlite")
    assert f"The records are in {place.settings.folder}." in place.said("keys", "make")


@pytest.mark.parametrize("kind", KINDS)
def test_making_keys_says_what_it_made_and_what_was_there(make: Make, kind: str) -> None:
    place = make(kind)
    made = "Made the keyring and the signing secret and the database.\n"
    assert place.said("keys", "make").startswith(made)
    assert place.said("keys", "make").startswith("Nothing was made: the keyring, the signing")
    (place.settings.folder / SECRET).unlink()
    assert place.said("keys", "make").startswith("Made the signing secret.\n")


def test_keys_without_records_are_no_records(make: Make, tmp_path: Path) -> None:
    place = make("sqlite")
    Keyring.make().save(tmp_path / "keys.json")
    place.environment["SCREENING_KEYS_FILE"] = str(tmp_path / "keys.json")
    assert "there are no records here yet" in place.run("keys", "list").output


def test_a_database_of_an_unknown_shape_is_refused(make: Make) -> None:
    place = make("sqlite")
    fill(place.open())
    file = Path(place.environment["SCREENING_DATA"]) / DATABASE
    with sqlite3.connect(file) as raw:
        raw.execute("UPDATE alembic_version SET version_num = 'future'")
    raw.close()
    with pytest.raises(schema.SchemaError, match="use the version that wrote it"):
        place.open()
    assert "use the version that wrote it" in place.run("upgrade").output
    with sqlite3.connect(file) as raw:
        raw.execute("DROP TABLE alembic_version")
    raw.close()
    with pytest.raises(schema.SchemaError, match="other tables than ours"):
        place.open()


def test_the_newest_shape_is_upgraded_no_further(make: Make) -> None:
    place = make("sqlite")
    fill(place.open())
    assert "is up to date already" in place.said("upgrade")
    assert not list(place.settings.folder.glob("*.backup"))


def test_an_earlier_shape_is_backed_up_and_then_upgraded(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = make("sqlite")
    fill(place.open())
    monkeypatch.setattr(schema, "newest_revision", lambda: "9999")
    with pytest.raises(schema.SchemaError, match="of an earlier version; run `screening upgrade`"):
        place.open()
    assert "Backed up" in place.said("upgrade")
    assert len(list(place.settings.folder.glob("*.backup"))) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_an_upgrade_seals_again_what_told_by_its_length(make: Make, kind: str) -> None:
    place = make(kind)
    records = place.open()
    nurse, (case_id, *_) = fill(records)
    saved(records, nurse, case_id, 1, answers(leg_weakness=True, fever=False, levels=UNKNOWN))
    make_plain(records)
    records.database.close()
    assert "Upgraded from" in place.said("upgrade", "--no-backup")
    records = place.open()
    with records.database.reading() as session:
        rows = session.scalars(select(AnswerRow)).all()
    assert len({(len(row.sealed), len(row.link_id)) for row in rows}) == 1
    assert len(open_case(records, nurse, case_id).history.current()) == 3
    assert verify_ledger(records).faults == []
    records.database.close()
