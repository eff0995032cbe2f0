"""Keys from an operator's key store: commands that print and store the keyring."""

import json
import stat
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result
from support.people.web_people import add_person, add_site, casework_app, enter
from support.storage.databases import Clock, People

from screening.cli import main
from screening.core.values.referral import Priority, Referral
from screening.records.access import Actor, Role
from screening.records.casework import cases
from screening.records.installation.opening import open_records
from screening.records.installation.settings import Settings, SettingsError
from screening.records.ledger.events import EventKind, record_event
from screening.records.ledger.records import Records
from screening.records.operation import rotation
from screening.records.sealing import key_command
from screening.records.sealing.key_command import KeyCommandError, KeyringCommand
from screening.records.sealing.vault import Keyring
from screening.records.storage.tables import EventRow
from screening.records.verification.verify import verify_ledger

SECRET = "c2VjcmV0LXRoYXQtbm9ib2R5LW1heS1zZWU="  # noqa: S105 - what a message must not repeat
Script = Callable[[str], str]


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """Makes a command of a shell script, whose path has a space in it."""

    def make(text: str) -> str:
        folder = tmp_path / "a b"
        folder.mkdir(exist_ok=True)
        file = folder / f"s{len(list(folder.iterdir()))}"
        file.write_text(f"#!/bin/sh\n{text}\n")
        file.chmod(stat.S_IRWXU)
        return f"'{file}' --from 'the store'"

    return make


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept for half a minute is read again at once, and nobody waits."""
    monkeypatch.setattr(key_command, "KEPT", 0.0)
    monkeypatch.setattr(key_command, "LENT", 0.0)
    monkeypatch.setattr(key_command, "PATIENCE", 2.0)


@dataclass(slots=True)
class Store:
    """An operator's store: a file that two commands read and write."""

    file: Path
    environment: dict[str, str]

    @property
    def ring(self) -> Keyring:
        return Keyring.read(self.file.read_text())

    @property
    def settings(self) -> Settings:
        return Settings.read(self.environment)

    def open(self) -> Records:
        return open_records(self.settings)

    def run(self, *words: str, typed: str = "") -> Result:
        clean = {"DATABASE_URL": "", "SCREENING_KEYS": "", "SCREENING_KEYS_FILE": ""}
        return CliRunner(env=clean | self.environment).invoke(main, list(words), input=typed)

    def said(self, *words: str, typed: str = "") -> str:
        done = self.run(*words, typed=typed)
        assert done.exit_code == 0, done.output
        return done.output


@pytest.fixture
def store(tmp_path: Path, script: Script) -> Store:
    file = tmp_path / "kept"
    Keyring.make().save(file)
    return Store(
        file,
        {
            "SCREENING_DATA": str(tmp_path / "data"),
            "SCREENING_KEY_COMMAND": script(f'[ "$2" = "the store" ] && cat {file}'),
            "SCREENING_KEY_STORE_COMMAND": script(f"cat > {file}"),
        },
    )


def referral(reference: str) -> Referral:
    return Referral(
        reference=reference,
        person="Zaphod",
        birth_year=1940,
        clinic="Spine",
        priority=Priority.ROUTINE,
    )


def fill(records: Records, number: int = 1) -> tuple[Actor, str]:
    nurse = People(records).actor(sites=(f"Site {number}",))
    (site,) = nurse.sites
    added = cases.add_case(records, nurse, site, referral(f"R-{number}"), f"key-{number:08}")
    records.database.close()
    return nurse, added


def test_an_installation_works_with_keys_that_lie_in_no_file_of_it(store: Store) -> None:
    nurse, added = fill(store.open())
    records = store.open()
    assert cases.find_case(records, nurse, added).referral.person == "Zaphod"
    verdict = verify_ledger(records)
    assert (verdict.faults, verdict.keyed) == ([], verdict.events)  # keyed from the first event
    assert not list(Path(store.environment["SCREENING_DATA"]).glob("*keys*"))
    records.database.close()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"echo {SECRET}; exit 3", "failed with exit status 3"),
        (f"echo {SECRET}", "did not print a keyring"),
        (f'echo \'{{"newest": "{SECRET}"}}\'', "did not print a keyring"),
        ("printf '\\377\\376'", "did not print a keyring"),
        ("", "did not print a keyring"),
        (f"echo {SECRET} >&2; exit 1", "failed with exit status 1"),
        ("kill -9 $$", "failed with exit status -9"),
        (f"sleep 60 & echo {SECRET}", "took longer than"),
        (f"setsid sleep 60 & echo {SECRET}", "took longer than"),
        (f"exec 1>&-; sleep 60; echo {SECRET}", "took longer than"),
        ("yes", "printed more than a keyring can hold"),
    ],
)
def test_a_command_that_fails_is_told_without_what_it_printed(
    store: Store, script: Script, monkeypatch: pytest.MonkeyPatch, text: str, reason: str
) -> None:
    monkeypatch.setattr(key_command, "PATIENCE", 0.5 if "sleep" in text else 5.0)
    store.open().database.close()
    store.environment["SCREENING_KEY_COMMAND"] = script(text)
    began = time.monotonic()
    done = store.run("keys", "list")
    assert time.monotonic() - began < 40, "it waited for what the command left running"
    assert (done.exit_code, "SCREENING_KEY_COMMAND" in done.output) == (69, True), done.output
    assert reason in done.output
    assert SECRET not in done.output


def test_a_command_that_cannot_be_run_is_told(store: Store, tmp_path: Path) -> None:
    (tmp_path / "closed").write_text("")
    for command in (str(tmp_path / "nothing"), str(tmp_path / "closed"), "''"):
        with pytest.raises(KeyCommandError, match="cannot be run"):
            KeyringCommand(command)()


def test_no_shell_reads_the_command(tmp_path: Path, script: Script) -> None:
    made = tmp_path / "made"
    with pytest.raises(KeyCommandError):
        KeyringCommand(script("echo $3 $4") + f" ; touch {made} `touch {made}` $(touch {made})")()
    assert not made.exists()


def test_whatever_a_late_command_started_is_ended(
    tmp_path: Path, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_command, "PATIENCE", 0.3)
    pid = tmp_path / "pid"
    with pytest.raises(KeyCommandError, match="took longer"):
        KeyringCommand(script(f"sleep 60 & echo $! > {pid}; wait"))()
    time.sleep(0.1)
    state = Path(f"/proc/{pid.read_text().strip()}/stat")
    assert not state.exists() or state.read_text().split()[2] == "Z"


def test_nothing_that_left_the_group_is_waited_for(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_command, "PATIENCE", 0.3)
    began = time.monotonic()
    with pytest.raises(KeyCommandError, match="took longer"):
        KeyringCommand(script("setsid sleep 60 & cat"))()
    assert time.monotonic() - began < 40


def test_a_command_that_does_not_read_its_input_is_ended(
    store: Store, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_command, "PATIENCE", 0.3)
    ring = Keyring.make()
    while len(ring.write()) < 128 * 1024:  # more than a pipe holds
        ring = ring.with_epoch(1, "0" * 4096, "")
    command = KeyringCommand(store.environment["SCREENING_KEY_COMMAND"], script("sleep 60"))
    with pytest.raises(KeyCommandError, match="took longer"):
        command.keep(ring)


def test_one_reader_asks_and_the_others_use_what_was_read_last(
    tmp_path: Path, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_command, "LENT", 10.0)
    file, hangs, asked = tmp_path / "kept", tmp_path / "hangs", tmp_path / "asked"
    first, second = Keyring.make(), Keyring.make()
    first.save(file)
    waits = f"echo >> {asked}; while [ -e {hangs} ]; do sleep 0.01; done; cat {file}"
    keyring = KeyringCommand(script(waits))
    assert keyring() == first
    hangs.touch()
    second.save(file)
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(keyring)
        while len(asked.read_text()) < 2:
            time.sleep(0.01)
        assert [keyring() for _ in range(8)] == [first] * 8
        monkeypatch.setattr(key_command, "LENT", 0.0)  # as if it were too old to use
        with pytest.raises(KeyCommandError, match="has not answered yet"):
            keyring()
        assert not asking.done()
        hangs.unlink()
        assert asking.result() == second
    assert len(asked.read_text()) == 2


def test_a_key_store_that_hangs_holds_one_page_and_the_others_say_so(
    sqlite_records: Records, tmp_path: Path, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_command, "PATIENCE", 60.0)
    file, hangs = tmp_path / "kept", tmp_path / "hangs"
    sqlite_records.keyring().save(file)
    waits = f"while [ -e {hangs} ]; do sleep 0.01; done; cat {file}"
    records = replace(sqlite_records, keyring=KeyringCommand(script(waits)))
    nurse = add_person(records, Role.NURSE, sites=[add_site(records, "North")])
    app = casework_app(records)
    clients = [app.test_client() for _ in range(4)]
    for client in clients:
        enter(client, nurse[1])
    hangs.touch()
    with ThreadPoolExecutor(4) as pool:
        pages = [pool.submit(client.get, "/worklist/?text=quokka") for client in clients]
        first = [page.result() for page in islice(as_completed(pages, timeout=20), 3)]
        assert [(page.status_code, "Retry-After" in page.headers) for page in first] == [
            (503, True)
        ] * 3
        hangs.unlink()
        assert sorted(page.result().status_code for page in pages) == [200, 503, 503, 503]


def test_the_keyring_is_kept_for_half_a_minute_and_not_longer(
    tmp_path: Path, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    assert (key_command.KEPT, key_command.LENT) == (30, 10)
    assert key_command.PATIENCE <= key_command.LENT  # a hanging store is lent over, once
    now = [1000.0]
    clock = SimpleNamespace(monotonic=lambda: now[0], sleep=now.append)
    monkeypatch.setattr(key_command, "time", clock)
    file = tmp_path / "kept"
    first, second = Keyring.make(), Keyring.make()
    first.save(file)
    keyring = KeyringCommand(script(f"cat {file}"))
    assert keyring() == first
    second.save(file)
    now[0] += 29
    assert keyring() == first
    now[0] += 1
    assert keyring() == second
    first.save(file)
    keyring.settle()  # by then, no process has what it read before
    assert now[1:] == [40]
    assert keyring() == first
    file.unlink()
    now[0] += 30
    with pytest.raises(KeyCommandError):  # and not what was read before
        keyring()


def test_pages_are_back_as_soon_as_the_store_is(sqlite_records: Records) -> None:
    failing: list[KeyCommandError] = []

    def keyring() -> Keyring:
        for error in failing:
            raise error
        return sqlite_records.keyring()

    records = replace(sqlite_records, keyring=keyring)
    nurse = add_person(records, Role.NURSE, sites=[add_site(records, "North")])
    client = casework_app(records).test_client()
    enter(client, nurse[1])
    failing.append(KeyCommandError("SCREENING_KEY_COMMAND", "failed"))
    assert client.get("/worklist/?text=quokka").status_code == 503
    failing.clear()
    assert client.get("/worklist/?text=quokka").status_code == 200


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({"SCREENING_KEY_COMMAND": "x", "SCREENING_KEYS": "{}"}, "empty if SCREENING_KEYS"),
        ({"SCREENING_KEY_COMMAND": "x 'y"}, "closing quotes"),
        ({"SCREENING_KEY_STORE_COMMAND": "x"}, "together with SCREENING_KEY_COMMAND"),
    ],
)
def test_commands_that_make_no_sense_are_refused(environment: dict[str, str], reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        Settings.read(environment)


def test_keys_in_a_store_are_rotated_and_destroyed(store: Store) -> None:
    nurse, added = fill(store.open())
    old, epochs = store.ring.newest, store.ring.epochs
    assert "Rewrapped 2" in store.said("keys", "rotate")
    assert store.ring.newest != old
    assert store.ring.epochs == epochs
    assert "Destroyed" in store.said("keys", "destroy", old, "--yes")
    assert set(store.ring.keys) == {store.ring.newest}
    records = store.open()
    assert cases.find_case(records, nurse, added).referral.person == "Zaphod"
    assert not verify_ledger(records).faults
    records.database.close()


def test_whoever_changes_keys_in_a_store_waits_until_every_process_has_them(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store.open())
    waited: list[str] = []
    monkeypatch.setattr(KeyringCommand, "settle", lambda _: waited.append(store.ring.newest))
    old = store.ring.newest
    store.said("keys", "rotate")
    assert waited == [store.ring.newest]  # after it was stored
    store.said("keys", "destroy", old, "--yes")
    assert len(waited) == 2


@pytest.mark.parametrize("text", ["exit 4", "cat > /dev/null", f"echo {SECRET}; exit 1"])
def test_nothing_is_wrapped_by_a_key_that_was_not_stored(
    store: Store, script: Script, text: str
) -> None:
    fill(store.open())
    before = store.file.read_text()
    store.environment["SCREENING_KEY_STORE_COMMAND"] = script(text)
    done = store.run("keys", "rotate")
    assert (done.exit_code, "SCREENING_KEY_STORE_COMMAND" in done.output) == (69, True)
    assert SECRET not in done.output
    assert store.file.read_text() == before
    records = store.open()
    assert {use.name for use in rotation.uses(records) if use.wraps} == {store.ring.newest}
    records.database.close()


def test_without_a_command_that_stores_the_keyring_is_printed_and_never_to_a_timer(
    store: Store,
) -> None:
    fill(store.open())
    old = store.ring.newest
    del store.environment["SCREENING_KEY_STORE_COMMAND"]
    for each in ("rotate", f"destroy {old} --yes"):
        done = store.run("keys", *each.split())  # whose output is no terminal, as a timer's
        assert (done.exit_code, "SCREENING_KEY_STORE_COMMAND" in done.stderr) == (2, True)
        assert "Nothing was changed" in done.stderr
        assert done.stdout == ""
        assert all(key not in done.output for key in json.loads(store.file.read_text())["keys"])
    done = store.run("keys", "rotate", "--print")
    assert "Store the keyring below where SCREENING_KEY_COMMAND reads it." in done.stderr
    Keyring.read(done.stdout).save(store.file)
    assert "Rewrapped 2" in store.said("keys", "rotate")
    for words in (("rotate", "--if-older-than", "0"), ("destroy", "--unused-for", "0", "--yes")):
        done = store.run("keys", *words)
        assert (done.exit_code, "must not print it into a timer's log" in done.output) == (2, True)
        assert "newest" not in done.output
    done = store.run("keys", "destroy", old, "--yes", "--print")
    assert Keyring.read(done.stdout).keys.keys() == {store.ring.newest}


def days_ago(store: Store, days: int) -> Records:
    """The installation as it was worked on some days ago."""
    clock = Clock(store.open().now())
    clock.advance(days=-days)
    return replace(store.open(), now=clock)


def test_a_timer_rotates_when_it_is_time_and_only_then(store: Store) -> None:
    fill(days_ago(store, 100))
    first = store.ring.newest
    assert "100 days old. Nothing was changed." in store.said(
        "keys", "rotate", "--if-older-than", "101"
    )
    assert store.ring.newest == first
    assert "Rewrapped 2" in store.said("keys", "rotate", "--if-older-than", "100")
    second = store.ring.newest
    assert second != first
    for _ in range(2):
        assert "0 days old. Nothing" in store.said("keys", "rotate", "--if-older-than", "100")
    assert store.ring.newest == second


def test_a_timer_finishes_a_rotation_that_was_cut(store: Store) -> None:
    fill(store.open())
    fresh = store.ring.with_fresh_key()
    fresh.save(store.file)
    assert "Rewrapped 2" in store.said("keys", "rotate", "--if-older-than", "100")
    assert store.ring == fresh


def test_an_installation_without_cases_gets_no_key_every_night(store: Store) -> None:
    record_event(days_ago(store, 100), 0, EventKind.LEDGER_READ)
    store.said("keys", "rotate", "--if-older-than", "50")
    assert "Nothing was changed" in store.said("keys", "rotate", "--if-older-than", "50")
    assert len(store.ring.keys) == 2


def work_since(store: Store, days: int) -> None:
    """Let somebody sign in every few days."""
    for ago in range(days, 0, -5):
        records = days_ago(store, ago)
        record_event(records, 1, EventKind.SIGNED_IN)
        records.database.close()


def test_a_timer_destroys_what_was_replaced_long_ago_and_opens_nothing(store: Store) -> None:
    nurse, added = fill(days_ago(store, 300))
    first = store.ring.newest
    earlier = days_ago(store, 200)
    assert isinstance(earlier.keyring, KeyringCommand)
    rotation.rotate(earlier, 0, earlier.keyring.keep)
    second = store.ring.newest
    store.said("keys", "rotate")
    third = store.ring.newest
    work_since(store, 200)
    words = ("keys", "destroy", "--unused-for")
    assert "Nothing was changed" in store.said(*words, "201", "--yes")
    assert f"Destroyed {first}" in store.said(*words, "100", "--yes")
    assert set(store.ring.keys) == {second, third}
    assert "Nothing was changed" in store.said(*words, "100", "--yes")
    assert f"Destroyed {second}" in store.said(*words, "0", "--yes")
    assert set(store.ring.keys) == {third}
    records = store.open()
    assert cases.find_case(records, nurse, added).referral.person == "Zaphod"
    records.database.close()


def test_a_timer_destroys_nothing_if_the_clock_may_be_wrong(store: Store) -> None:
    fill(days_ago(store, 300))
    first, earlier = store.ring.newest, days_ago(store, 100)
    assert isinstance(earlier.keyring, KeyringCommand)
    rotation.rotate(earlier, 0, earlier.keyring.keep)
    words = ("keys", "destroy", "--unused-for", "60")
    refused = store.run(*words, "--yes")
    assert refused.exit_code == 2, refused.output
    said = " ".join(refused.output.split())
    assert f"{first} was replaced 100 days ago, but for 100 days of that time" in said
    assert "Nothing was destroyed" in said
    assert first in store.ring.keys
    assert f"Destroyed {first}" in store.said(*words, typed="y\n")


def test_a_key_that_still_opens_something_outlives_the_timer(store: Store) -> None:
    fill(days_ago(store, 300))
    first = store.ring.newest
    store.ring.with_fresh_key().save(store.file)
    assert "Nothing was changed" in store.said("keys", "destroy", "--unused-for", "0", "--yes")
    assert first in store.ring.keys


def test_a_key_is_named_in_one_way(store: Store) -> None:
    store.open().database.close()
    for words in ((), ("abc", "--unused-for", "1")):
        assert store.run("keys", "destroy", *words).exit_code == 2


def test_the_timer_works_with_keys_in_a_file_too(store: Store, tmp_path: Path) -> None:
    store.environment = {"SCREENING_DATA": str(tmp_path / "other")}
    fill(days_ago(store, 100))
    store.file = tmp_path / "other" / "keys.json"
    first = store.ring.newest
    assert "Rewrapped 2" in store.said("keys", "rotate", "--if-older-than", "90")
    assert f"Destroyed {first}" in store.said("keys", "destroy", "--unused-for", "0", "--yes")
    records = store.open()
    assert not verify_ledger(records).faults
    with records.database.reading() as session:
        assert session.query(EventRow).filter_by(kind="key-destroyed").count() == 1
    records.database.close()
