import datetime as dt
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from screening.records.installation.keys import LostKeyringError
from screening.records.installation.opening import open_existing, open_records
from screening.records.installation.private_files import FolderError
from screening.records.installation.secret_files import open_secret
from screening.records.installation.settings import Settings, SettingsError
from screening.records.ledger.site_days import installation_day
from screening.records.sealing.vault import Keyring, KeyringError
from screening.records.storage import schema
from screening.records.storage.database import DatabaseError, open_database


def settings(folder: Path, **environment: str) -> Settings:
    return Settings.read({"SCREENING_DATA": str(folder), **environment})


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_folder_is_where_a_persons_programs_keep_their_data(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Settings.read({}).folder == tmp_path / ".local" / "share" / "screening"
    elsewhere = {"XDG_DATA_HOME": str(tmp_path / "xdg")}
    assert Settings.read(elsewhere).folder == tmp_path / "xdg" / "screening"


def test_all_that_the_first_start_makes_is_for_its_owner_alone(tmp_path: Path) -> None:
    given = settings(tmp_path / "a" / "data")
    records = open_records(given)
    open_secret(given)
    records.database.close()
    assert mode(given.folder) == 0o700
    assert {each.name: mode(each) for each in given.folder.iterdir()} == {
        "screening.db": 0o600,
        "keys.json": 0o600,
        "secret": 0o600,
    }


def test_the_second_start_finds_what_the_first_made(tmp_path: Path) -> None:
    given = settings(tmp_path)
    first, secret = open_records(given), open_secret(given)
    second = open_records(given)
    assert first.keyring() == second.keyring()
    assert open_secret(given) == secret
    assert len(secret) >= 32


def test_eight_first_starts_at_once_make_one_keyring_and_one_secret(tmp_path: Path) -> None:
    given = settings(tmp_path)

    def start(_: int) -> tuple[str, str]:
        records = open_records(given)
        records.database.close()
        return records.keyring().newest, open_secret(given)

    with ThreadPoolExecutor(8) as starting:
        assert len(set(starting.map(start, range(8)))) == 1


def test_no_new_keyring_is_made_for_a_database_that_is_there(tmp_path: Path) -> None:
    given = settings(tmp_path)
    open_records(given).database.close()
    given.keyring_file.unlink()
    with pytest.raises(LostKeyringError, match="put it back"):
        open_records(given)
    assert not given.keyring_file.exists()


def test_a_keyring_that_was_made_before_the_database_is_used(tmp_path: Path) -> None:
    """As after a first start that was killed in between."""
    given = settings(tmp_path)
    ring = Keyring.make()
    ring.save(given.keyring_file)
    records = open_records(given)
    assert (records.keyring().keys, records.keyring().newest) == (ring.keys, ring.newest)
    records.database.close()


def test_keys_and_secret_of_the_environment_leave_nothing_of_them_in_files(
    tmp_path: Path,
) -> None:
    ring = Keyring.make()
    given = settings(tmp_path, SCREENING_KEYS=ring.write(), SCREENING_SECRET_KEY="s" * 40)
    records = open_records(given)
    assert (records.keyring().keys, records.keyring().newest) == (ring.keys, ring.newest)
    assert open_secret(given) == "s" * 40
    records.database.close()
    assert [each.name for each in tmp_path.iterdir()] == ["screening.db"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"SCREENING_SECRET_KEY": "short"},
        {"SCREENING_RETENTION_DAYS": "0"},
        {"SCREENING_RETENTION_DAYS": "-5"},
        {"SCREENING_RETENTION_DAYS": "a year"},
        {"SCREENING_RETENTION_DAYS": "999999"},
        {"SCREENING_UNUSED_DAYS": "9999999999"},
        {"SCREENING_HEADS_MINUTES": "999999999999999999"},
        {"SCREENING_HEADS_MINUTES": "٦٠"},
        {"SCREENING_TIME_ZONE": "Nowhere"},
        {"SCREENING_TIME_ZONE": "../../etc/passwd"},
    ],
)
def test_a_wrong_setting_is_named_and_not_repeated(wrong: dict[str, str]) -> None:
    ((name, value),) = wrong.items()
    with pytest.raises(SettingsError, match=name) as refused:
        Settings.read(wrong)
    assert value not in str(refused.value).replace(name, "").split()


def test_the_time_zone_of_sites_without_one_is_a_setting(tmp_path: Path) -> None:
    given = {"SCREENING_DATA": str(tmp_path), "SCREENING_TIME_ZONE": "Pacific/Kiritimati"}
    for opened in (open_records(Settings.read(given)), open_existing(Settings.read(given))):
        clocked = replace(opened, now=lambda: dt.datetime(2026, 11, 20, 11, tzinfo=dt.UTC))
        assert installation_day(clocked) == dt.date(2026, 11, 21)
        opened.database.close()


def test_no_representation_shows_a_secret() -> None:
    ring = Keyring.make()
    given = Settings.read(
        {
            "SCREENING_KEYS": ring.write(),
            "SCREENING_SECRET_KEY": "sesame" * 8,
            "DATABASE_URL": "postgresql://me:pass-word@host/x",
        }
    )
    shown = repr(given) + repr(ring)
    assert "sesame" not in shown
    assert "pass-word" not in shown
    assert "keys=" not in shown


def test_a_malformed_keyring_is_refused_without_being_repeated(tmp_path: Path) -> None:
    with pytest.raises(KeyringError) as refused:
        open_records(settings(tmp_path, SCREENING_KEYS='{"newest": "canary"}'))
    assert "canary" not in str(refused.value)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FolderError, match="Not a directory"):
        open_records(settings(tmp_path / "file" / "data"))


def test_tables_of_others_are_left_alone(tmp_path: Path) -> None:
    given = settings(tmp_path)
    database = open_database(given.database)
    with database.writing() as session:
        session.connection().exec_driver_sql("CREATE TABLE theirs (x INTEGER)")
    database.close()
    Keyring.make().save(given.keyring_file)
    with pytest.raises(schema.SchemaError, match="other tables than ours"):
        open_records(given)


@pytest.mark.parametrize("address", ["mysql://x/y", "nonsense", "sqlite://", "sqlite:///:memory:"])
def test_other_databases_are_refused_and_nothing_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DatabaseError, match="address"):
        open_records(settings(tmp_path, DATABASE_URL=address))
    assert not Path(":memory:").exists()
