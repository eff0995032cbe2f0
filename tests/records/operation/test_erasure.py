import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from support.casework.case_writes import UNKNOWN, answers, saved
from support.casework.referrals import referral
from support.rulesets import shipped
from support.setup.postgres import Server
from support.storage.databases import People, open_records, postgresql_copy

from screening.core.rules.item import Finder
from screening.records.access import Actor, Permission, Role
from screening.records.case.case_view import open_case
from screening.records.case.chase_rows import Chase
from screening.records.case.search_index import site_tokens
from screening.records.casework import cases, chases
from screening.records.errors import ErasedError, NoCaseError
from screening.records.installation.erased_list import read_erased, settle_announcements
from screening.records.installation.keys import KeyringFile
from screening.records.ledger.records import Records
from screening.records.operation import erasure, rotation
from screening.records.operation.backup import write_backup
from screening.records.operation.erasure import Reason
from screening.records.people.administration import COMMAND_LINE
from screening.records.sealing import vault
from screening.records.sealing.case_keys import find_index_key, load_key
from screening.records.sealing.search_tokens import reference_term
from screening.records.storage.tables import (
    AnswerRow,
    CaseKeyRow,
    CaseRow,
    ChaseRow,
    EventRow,
    WordRow,
)
from screening.records.verification.verify import verify_ledger
from screening.records.worklist import worklist
from screening.web import create_app
from screening.web.accounts.forms import ROLE_HINTS


@pytest.fixture
def lead(people: People) -> Actor:
    return people.actor(Role.LEAD_NURSE)


def test_an_erased_case_cannot_be_read_or_found_by_anybody(
    kept: Records, case_id: str, lead: Actor
) -> None:
    erasure.erase(kept, COMMAND_LINE.id, case_id, Reason.REQUEST)
    with kept.database.reading() as session:
        assert session.get_one(CaseKeyRow, case_id).wrapped is None
        assert session.scalars(select(WordRow)).all() == []
        row = session.get_one(CaseRow, case_id)
        assert row.clinic == ""
        with pytest.raises(ErasedError):
            load_key(session, kept.keyring(), case_id)
    assert erasure.find_reason(kept, case_id) is Reason.REQUEST
    assert worklist.worklist(kept, lead, worklist.Query(text="zaphod")).total == 0
    case = cases.find_case(kept, lead, case_id)
    assert case.erased
    assert "Zaphod" not in repr(case)


def test_after_an_erasure_nothing_of_an_answer_is_left_in_database_journal_or_backup(
    kept: Records, case_id: str, nurse: Actor, tmp_path: Path
) -> None:
    said = answers(leg_weakness=True, fever=False, levels=UNKNOWN, source="bone")
    saved(kept, nurse, case_id, 1, said)
    saved(kept, nurse, case_id, 2, answers(fever=None))
    with kept.database.reading() as session:
        key = session.get_one(CaseKeyRow, case_id).wrapped
        words = [each.encode() for each in session.scalars(select(WordRow.token))]
    assert key
    before = held(kept, tmp_path / "before")
    assert all(each in before for each in (key, *words))
    erasure.erase(kept, COMMAND_LINE.id, case_id, Reason.REQUEST)
    kept.database.compact()
    after = held(kept, tmp_path / "after")
    assert not [each for each in (key, *words) if each in after]
    with kept.database.reading() as session:
        rows = session.scalars(select(AnswerRow).where(AnswerRow.case_id == case_id)).all()
        events = session.scalars(select(EventRow).where(EventRow.case_id == case_id)).all()
    assert len({(len(row.sealed), len(row.link_id), row.how) for row in rows}) == 1
    told = " ".join(f"{event.kind} {event.row}" for event in events)
    assert not [each for each in said if each in told or "withdrawn" in told]


def held(records: Records, backup: Path) -> bytes:
    """The bytes of the database, of what lies beside it, and of a backup that is made now."""
    write_backup(records.database, backup, records.now(), records.keyring())
    file = records.database.file
    found = file.parent.glob(f"{file.name}*") if file else relation_files(records)
    return b"".join(each.read_bytes() for each in (*found, backup))


def relation_files(records: Records) -> list[Path]:
    """The files of PostgreSQL in which the tables are."""
    with records.database.reading() as session:
        session.execute(text("CHECKPOINT"))
        folder = Path(session.execute(text("SHOW data_directory")).scalar_one())
        paths = "SELECT pg_relation_filepath(oid) FROM pg_class WHERE relname IN ('case_keys',"
        named = session.scalars(
            text(f"{paths} 'case_words', 'pk_case_words', 'cases', 'ix_cases_listed')")
        )
        return [folder / each for each in named]


@dataclass(frozen=True, slots=True)
class Clues:
    """What somebody looks for who has the files of PostgreSQL."""

    key: bytes
    clinic: bytes
    words: tuple[bytes, ...]

    def found(self, files: Iterable[Path]) -> set[str]:
        """What of it some files hold."""
        held = b"".join(each.read_bytes() for each in files if each.is_file())
        known = {"key": halves(self.key), "clinic": halves(self.clinic), "words": self.words}
        return {name for name, parts in known.items() if any(each in held for each in parts)}


def halves(told: bytes) -> tuple[bytes, bytes]:
    """Both, since a page of the log can end in the middle of a row."""
    middle = len(told) // 2
    return told[:middle], told[middle:]


@pytest.fixture
def on_postgresql(postgres: Server, tmp_path: Path) -> Iterator[Records]:
    keys = tmp_path / "pg-keys.json"
    with postgresql_copy(postgres) as address, open_records(address) as made:
        made.keyring().save(keys)
        yield replace(made, keyring=KeyringFile(keys))


def test_what_files_of_postgresql_tell_of_an_erased_case(
    on_postgresql: Records, postgres: Server, tmp_path: Path
) -> None:
    """Its log keeps what ``VACUUM FULL`` removes; the key in it opens nothing without its outer."""
    records, nurse = on_postgresql, People(on_postgresql).actor()
    (site,) = nurse.sites
    clinic = uuid4().hex
    case_id = cases.add_case(records, nurse, site, referral(clinic=clinic), uuid4().hex)
    before = records.keyring()
    with records.database.reading() as session:
        row = session.get_one(CaseKeyRow, case_id)
        key_id, wrapped = row.key_id, row.wrapped or b""
        words = session.scalars(select(WordRow.token).where(WordRow.case_id == case_id))
        clues = Clues(wrapped, clinic.encode(), tuple(each.encode() for each in words))
    log = postgres.folder / "data" / "pg_wal"
    erasure.erase(records, COMMAND_LINE.id, case_id, Reason.REQUEST)
    assert clues.found(relation_files(records)) == {"key", "clinic", "words"}
    records.database.compact()
    assert clues.found(relation_files(records)) == set()
    with records.database.reading() as session:
        session.execute(text("SELECT pg_switch_wal()"))
    assert clues.found(log.iterdir()) == {"key", "clinic", "words"}
    vault.unwrap(before, case_id, key_id, wrapped)
    file = tmp_path / "pg-keys.json"
    rotation.rotate(records, COMMAND_LINE.id, file)
    rotation.destroy(records, COMMAND_LINE.id, key_id, file)
    with pytest.raises(vault.SealError):
        vault.unwrap(records.keyring(), case_id, key_id, wrapped)
    with records.database.reading() as session:
        index = find_index_key(session, records.keyring())
    (still,) = site_tokens(index, [site], reference_term(referral().reference))
    assert still.encode() in clues.words  # with the keyring, who knows a name can look for it


def test_clinic_due_dates_and_who_finds_out_go_with_the_case(
    kept: Records, case_id: str, nurse: Actor, root: Path
) -> None:
    chase = Chase(link_id="fever", owner=Finder.CLINICIAN, owner_id=None, due=dt.date(2026, 12, 1))
    with kept.database.reading() as session:
        version = session.get_one(CaseRow, case_id).version
    chases.set_chases(open_case(kept, nurse, case_id), version, {"fever": chase}, uuid4().hex)
    with kept.database.reading() as session:
        row = session.get_one(CaseRow, case_id)
        assert all((row.clinic, row.due, row.waits_for))
    erasure.erase(kept, COMMAND_LINE.id, case_id, Reason.REQUEST)
    with kept.database.reading() as session:
        row = session.get_one(CaseRow, case_id)
        assert (row.clinic, row.due, row.waits_for) == ("", None, None)
        assert session.scalars(select(ChaseRow)).all() == []
    words = " ".join((root / "README.md").read_text("utf-8").split())
    assert "removes the clinic, the due dates, and who has to find out a missing answer" in words


def test_the_readme_says_what_is_left_of_an_erased_case(root: Path) -> None:
    readme = (root / "README.md").read_text("utf-8")
    words = " ".join(readme.split())
    assert "Not encrypted are" in words
    for said in ("how many questions were answered", "VACUUM FULL", "keys destroy", "archive"):
        assert said in words


def test_the_ledger_tells_of_the_erasure_and_stays_whole(kept: Records, case_id: str) -> None:
    erasure.erase(kept, COMMAND_LINE.id, case_id, Reason.REQUEST)
    with kept.database.reading() as session:
        of_case = select(EventRow).where(EventRow.row == f"cases/{case_id}")
        newest = session.scalars(of_case.order_by(EventRow.seq.desc())).first()
        assert newest
        assert (newest.kind, newest.by, newest.case_id) == ("case-erased", COMMAND_LINE.id, case_id)
    assert verify_ledger(kept).faults == []


def test_to_erase_twice_is_to_erase_once(kept: Records, case_id: str) -> None:
    for _ in range(2):
        erasure.erase(kept, COMMAND_LINE.id, case_id, Reason.REQUEST)
    assert kept.erased
    assert kept.erased.read_text() == f"{case_id}\n"
    assert kept.erased.stat().st_mode & 0o777 == 0o600
    with kept.database.reading() as session:
        erasures = select(EventRow).where(EventRow.kind == "case-erased")
        assert len(session.scalars(erasures).all()) == 1


def test_no_role_and_no_page_promises_to_erase(root: Path) -> None:
    readme = (root / "README.md").read_text("utf-8")
    roles = readme[readme.index("**Accounts.**") : readme.index("| `screening backup")]
    for words in (roles, *ROLE_HINTS.values(), *(each.value for each in Permission)):
        assert "eras" not in words
    assert "no page does this" in readme[readme.index("| `screening erase`") :].splitlines()[0]
    about = create_app(shipped.ruleset()).test_client().get("/about").text
    assert "The people who run the service can erase it with a command" in about


def test_every_permission_is_asked_for_somewhere(root: Path) -> None:
    code = (each for each in (root / "screening").rglob("*.py") if each.name != "access.py")
    asked = "".join(each.read_text("utf-8") for each in code)
    assert [each.name for each in Permission if f"Permission.{each.name}" not in asked] == []


def test_a_case_that_nobody_has_is_not_erased(kept: Records) -> None:
    with pytest.raises(NoCaseError):
        erasure.erase(kept, COMMAND_LINE.id, "0" * 32, Reason.REQUEST)


def test_an_erasure_that_cannot_be_listed_is_not_done(
    kept: Records, case_id: str, lead: Actor, tmp_path: Path
) -> None:
    blocked = replace(kept, erased=tmp_path / "gone" / "erased")
    with pytest.raises(FileNotFoundError):
        erasure.erase(blocked, COMMAND_LINE.id, case_id, Reason.REQUEST)
    assert not cases.find_case(kept, lead, case_id).erased


def test_an_erased_case_is_erased_from_copies_of_the_keyring_too(
    kept: Records, case_id: str
) -> None:
    """What opens others' keys does not open this one, because there is nothing left to open."""
    assert isinstance(kept.keyring, KeyringFile)
    before = kept.keyring()
    erasure.erase(kept, COMMAND_LINE.id, case_id, Reason.MISTAKE)
    with kept.database.reading() as session, pytest.raises(ErasedError):
        load_key(session, before, case_id)


class PulledPlugError(BaseException):
    """Stands for a machine that stops here."""


def stopped(*_: object, **__: object) -> None:
    raise PulledPlugError


def test_a_failed_erasure_is_not_in_the_list_after_the_next_start(
    kept: Records, case_id: str, lead: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kept.erased
    with monkeypatch.context() as patched:
        patched.setattr(
            "screening.records.ledger.coverage.events.close_batch", stopped
        )  # as it commits
        with pytest.raises(PulledPlugError):
            erasure.erase(kept, COMMAND_LINE.id, case_id, Reason.REQUEST)
    assert not cases.find_case(kept, lead, case_id).erased
    assert read_erased(kept.erased) == {case_id}  # nobody knows yet
    settle_announcements(kept.database, kept.erased)
    assert read_erased(kept.erased) == frozenset()
    assert list(kept.erased.parent.glob("erased*")) == []


def test_an_erasure_that_was_not_listed_any_more_is_at_the_next_start(
    kept: Records, case_id: str, lead: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kept.erased
    with monkeypatch.context() as patched:
        patched.setattr("screening.records.installation.erased_list._confirm", stopped)
        with pytest.raises(PulledPlugError):
            erasure.erase(kept, COMMAND_LINE.id, case_id, Reason.REQUEST)
    assert cases.find_case(kept, lead, case_id).erased
    assert not kept.erased.exists()
    assert read_erased(kept.erased) == {case_id}
    settle_announcements(kept.database, kept.erased)
    assert kept.erased.read_text() == f"{case_id}\n"
    assert [each.name for each in kept.erased.parent.glob("erased*")] == ["erased"]


def test_what_the_database_never_had_stays_announced(kept: Records, tmp_path: Path) -> None:
    assert kept.erased
    announced = tmp_path / f"erased-{'0' * 32}"
    announced.touch()
    settle_announcements(kept.database, tmp_path / "erased")
    assert read_erased(tmp_path / "erased") == {"0" * 32}
