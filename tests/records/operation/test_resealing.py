"""What an earlier version sealed is sealed again, so that no length and no name tells of it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DatabaseError as RefusedError
from support.casework.case_writes import UNKNOWN, added, answers, once, saved
from support.casework.handovers import hand_over
from support.casework.recorded_assessments import answered, recorded
from support.rulesets import shipped
from support.storage.database_owner import unguarded
from support.storage.databases import People, keyed_ring, open_records, postgresql_empty
from support.storage.forgery import tamper
from support.storage.plain_form import REVISION, make_plain, write_plain

from screening.core.results.assess import assess
from screening.core.results.decision import CHOICES
from screening.core.results.warning_signs import Warnings, collect_warnings
from screening.core.rules.item import Finder
from screening.core.values.answer import Answer
from screening.records.access import Actor, Role
from screening.records.case import idempotency as once_kept
from screening.records.case.case_view import open_case
from screening.records.case.chase_rows import Chase
from screening.records.casework.cases import find_case
from screening.records.casework.emergency_notes import emergency_notes
from screening.records.installation.keys import LostKeyringError
from screening.records.ledger.digests import row_name
from screening.records.ledger.records import Records
from screening.records.ledger.signed_head import Signer
from screening.records.operation import erasure, resealing
from screening.records.operation.backup import write_backup
from screening.records.operation.resealing import ChangedRowsError, upgrade
from screening.records.operation.restore import restore_backup
from screening.records.results.decisions import NewDecision, record_review
from screening.records.results.evidence import make_evidence, verify_evidence
from screening.records.sealing import padding
from screening.records.sealing.case_keys import INDEX, OLDER_INDEXES, add_secret
from screening.records.sealing.vault import MARK_BYTES, NONCE_BYTES
from screening.records.storage import append_only, schema
from screening.records.storage.tables import (
    AnswerRow,
    AssessmentRow,
    Base,
    CaseRow,
    ChaseRow,
    EventRow,
    NoteRow,
    ReviewRow,
    SecretRow,
    WordRow,
)
from screening.records.verification.verify import verify_ledger
from screening.records.witness.heads import LedgerSigner
from screening.records.worklist.chase_list import chase_list

pytestmark = pytest.mark.long

TABLES: tuple[type[Base], ...] = (AnswerRow, AssessmentRow, NoteRow, ReviewRow)
SEALED: tuple[type[Base], ...] = (*TABLES, CaseRow)


@dataclass(frozen=True, slots=True)
class Earlier:
    """Records of before, and the cases in them."""

    records: Records
    nurse: Actor
    decided: str
    emergency: str
    chased: str
    erased: str

    @property
    def readable(self) -> tuple[str, ...]:
        return self.decided, self.emergency, self.chased


def yes(records: Records, nurse: Actor, case_id: str) -> None:
    """Answer an emergency sign with yes."""

    def found(given: Mapping[str, Answer]) -> Warnings:
        return collect_warnings(assess(shipped.ruleset(), given, records.now().date(), 1950))

    saved(records, nurse, case_id, 1, {"leg_weakness": Answer(value=True)}, find_warnings=found)


@pytest.fixture
def earlier(records: Records, nurse: Actor) -> Earlier:
    return fill(records, nurse)


@pytest.fixture
def earlier_sqlite(sqlite_records: Records, sqlite_nurse: Actor) -> Earlier:
    return fill(sqlite_records, sqlite_nurse)


def fill(records: Records, nurse: Actor) -> Earlier:
    decided = answered(records, nurse)
    recorded(records, nurse, decided)
    choice = NewDecision(choice=CHOICES["refer:requirements-met"], note="Canary")
    record_review(open_case(records, nurse, decided), 1, 3, choice, shipped.ruleset(), once())
    chased, emergency, erased = (added(records, nurse, reference=f"R-{n}") for n in range(3))
    due = Chase(link_id="levels", owner=Finder.REPORT, due=records.now().date())
    saved(records, nurse, chased, 1, answers(levels=UNKNOWN, fever=True), {"levels": due})
    saved(records, nurse, chased, 2, answers(fever=None))
    yes(records, nurse, emergency)
    yes(records, nurse, erased)
    hand_over(records, nurse, erased)
    saved(records, nurse, erased, 3, answers(fever=True))
    saved(records, nurse, erased, 4, answers(fever=False))
    write_plain(records)
    with patch.object(once_kept, "forget"):  # the tables of then do not tell whose forms they keep
        erasure.erase(records, 0, erased, erasure.Reason.REQUEST)
    schema.downgrade(records.database, REVISION)
    return Earlier(records, nurse, decided, emergency, chased, erased)


def rows(records: Records, *tables: type[Base]) -> list[Base]:
    with records.database.reading() as session:
        return [row for table in tables for row in session.scalars(select(table))]


def of(found: list[Base], case_id: str) -> list[Base]:
    return [row for row in found if getattr(row, "case_id", "") == case_id]


def told(records: Records, nurse: Actor, case_id: str) -> tuple[object, ...]:
    """All that people read of a case."""
    return (
        find_case(records, nurse, case_id),
        open_case(records, nurse, case_id).history.changes,
        open_case(records, nurse, case_id).chases,
        open_case(records, nurse, case_id).assessments,
        emergency_notes(open_case(records, nurse, case_id)),
    )


def lengths(found: list[Base]) -> set[tuple[str, int]]:
    return {(row.__tablename__, len(row.sealed)) for row in found}  # type: ignore[attr-defined]  # they are


def test_everything_can_be_read_as_before_and_the_ledger_is_whole(
    records: Records, nurse: Actor
) -> None:
    decided = answered(records, nurse)
    recorded(records, nurse, decided)
    yes(records, nurse, emergency := added(records, nurse, reference="R-9"))
    before = [told(records, nurse, each) for each in (decided, emergency)]
    listed = [each.chases for each in chase_list(records, nurse).entries]
    make_plain(records)
    upgrade(records)
    assert [told(records, nurse, each) for each in (decided, emergency)] == before
    assert [each.chases for each in chase_list(records, nurse).entries] == listed
    assert verify_ledger(records).faults == []
    schema.check(records.database)


def test_every_row_has_one_event_more_and_the_guards_are_back(earlier: Earlier) -> None:
    upgrade(earlier.records)
    found = rows(earlier.records, *SEALED, ChaseRow, EventRow)
    events = [row for row in found if isinstance(row, EventRow)]
    resealed = Counter(each.row for each in events if each.kind == "row-resealed")
    erased = f"cases/{earlier.erased}"
    names = {row_name(row) for row in found if not isinstance(row, EventRow)} - {erased}
    assert resealed == Counter(names)
    with earlier.records.database.reading() as session:
        assert append_only.find_unguarded(session) == ()
    for table in TABLES:
        statement = text(f"UPDATE {table.__tablename__} SET id = id")
        with pytest.raises(RefusedError), earlier.records.database.writing() as session:
            session.execute(statement)
    assert verify_ledger(earlier.records).faults == []


def test_no_row_tells_by_its_length_or_by_a_name(earlier: Earlier) -> None:
    plain = rows(earlier.records, *TABLES)
    assert len(lengths(plain)) > len(TABLES) + 2
    upgrade(earlier.records)
    found = [row for row in rows(earlier.records, *SEALED) if row_name(row) != erased_case(earlier)]
    assert len(lengths(found)) == len(SEALED)
    questions = {row.link_id for row in rows(earlier.records, AnswerRow, ChaseRow)}  # type: ignore[attr-defined]  # both have it
    assert {len(each) for each in questions} == {32}
    assert not questions & set(shipped.ruleset().items)
    assert {row.reason for row in found if isinstance(row, ReviewRow)} == {""}
    words = Counter(row.case_id for row in rows(earlier.records, WordRow))  # type: ignore[attr-defined]  # it has
    assert words == dict.fromkeys(earlier.readable, 32)


def erased_case(earlier: Earlier) -> str:
    return f"cases/{earlier.erased}"


def test_of_an_erased_case_only_chance_is_left(earlier: Earlier) -> None:
    before = {row_name(row): row for row in of(rows(earlier.records, *TABLES), earlier.erased)}
    upgrade(earlier.records)
    after = of(rows(earlier.records, *TABLES), earlier.erased)
    assert {row_name(row) for row in after} == before.keys()
    links = [row.link_id for row in after if isinstance(row, AnswerRow)]
    assert len(links) == len(set(links)) == 3  # of two questions
    for row in after:
        assert row.sealed != before[row_name(row)].sealed  # type: ignore[attr-defined]  # they have
    assert verify_ledger(earlier.records).faults == []


def test_nothing_of_before_is_left_in_the_file_or_beside_it(earlier_sqlite: Earlier) -> None:
    records = earlier_sqlite.records
    sealed = [row.sealed[:64] for row in rows(records, *TABLES)]  # type: ignore[attr-defined]  # they have
    assert all(each in held(records) for each in sealed)
    upgrade(records)
    records.database.compact()
    assert not any(each in held(records) for each in sealed)
    assert b"requirements-met" not in held(records)


def held(records: Records) -> bytes:
    """The bytes of the database, of its journal and of its log."""
    file = records.database.file
    assert file
    return b"".join(each.read_bytes() for each in file.parent.glob(f"{file.name}*"))


@pytest.mark.parametrize("breaking", ["rebuild_index", "last_digests"])
def test_what_stops_in_between_changes_nothing(
    earlier: Earlier, monkeypatch: pytest.MonkeyPatch, breaking: str
) -> None:
    class PulledPlugError(Exception):
        pass

    def fail(*_: object) -> None:
        raise PulledPlugError

    before = contents(earlier.records)
    with monkeypatch.context() as patch:
        patch.setattr(resealing, breaking, fail)
        with pytest.raises(PulledPlugError):
            upgrade(earlier.records)
    assert contents(earlier.records) == before
    with earlier.records.database.reading() as session:
        assert append_only.find_unguarded(session) == ()
        assert schema.revision_within(session) == REVISION
    upgrade(earlier.records)
    assert verify_ledger(earlier.records).faults == []


def contents(records: Records) -> list[tuple[object, ...]]:
    with records.database.reading() as session:
        mapped: tuple[type[Base], ...] = (*SEALED, ChaseRow, EventRow, WordRow)
        names = (each.__tablename__ for each in mapped)
        return [
            tuple(row) for name in names for row in session.execute(text(f"SELECT * FROM {name}"))
        ]


def test_a_changed_row_is_not_sealed_as_if_it_were_right(earlier_sqlite: Earlier) -> None:
    records = earlier_sqlite.records
    with records.database.writing() as session, unguarded(session):
        session.execute(text("UPDATE reviews SET by = 999"))
    with pytest.raises(ChangedRowsError):
        upgrade(records)
    upgrade(records, despite_faults=True)
    assert [fault.code for fault in verify_ledger(records).faults] == [
        *("row-changed", "row-altered")
    ]
    told(records, earlier_sqlite.nurse, earlier_sqlite.decided)


def test_a_row_that_nobody_can_open_stays_as_it_is(earlier_sqlite: Earlier) -> None:
    records = earlier_sqlite.records
    with records.database.writing() as session, unguarded(session):
        session.execute(text("UPDATE case_notes SET sealed = x'00'"))
        session.execute(text("UPDATE reviews SET sealed = x'00'"))
    upgrade(records, despite_faults=True)
    codes = {fault.code for fault in verify_ledger(records).faults}
    assert codes == {"row-changed", "row-altered"}
    assert [len(row.sealed) for row in rows(records, ReviewRow)] == [1]  # type: ignore[attr-defined]  # they have


def test_an_emergency_of_before_gets_the_owner_of_its_sign(records: Records, nurse: Actor) -> None:
    yes(records, nurse, emergency := added(records, nurse))
    with records.database.writing() as session:
        session.execute(update(ChaseRow).values(owner="clinician"))
        session.execute(update(CaseRow).values(waits_for="clinician"))
    before = told(records, nurse, emergency)
    schema.downgrade(records.database, "0013")
    upgrade(records)
    assert {row.owner for row in rows(records, ChaseRow)} == {"patient"}  # type: ignore[attr-defined]  # it has
    assert {row.waits_for for row in rows(records, CaseRow)} == {"patient"}  # type: ignore[attr-defined]  # it has
    assert told(records, nurse, emergency) == before
    assert verify_ledger(records).faults == []


def test_a_chased_case_that_nobody_can_open_does_not_stop_an_upgrade(
    sqlite_records: Records, sqlite_nurse: Actor
) -> None:
    records, nurse = sqlite_records, sqlite_nurse
    broken, whole = added(records, nurse), added(records, nurse, reference="R-9")
    for each in (broken, whole):
        yes(records, nurse, each)
    with records.database.writing() as session:
        session.execute(update(ChaseRow).values(owner="clinician"))
        session.execute(update(CaseRow).where(CaseRow.id == broken).values(sealed=b"\0"))
        session.delete(session.get_one(SecretRow, INDEX))
        add_secret(session, records.keyring(), OLDER_INDEXES[0])
    schema.downgrade(records.database, "0013")
    upgrade(records)
    owners = {row.case_id: row.owner for row in rows(records, ChaseRow)}  # type: ignore[attr-defined]  # it has
    assert owners == {broken: "clinician", whole: "patient"}
    assert {row.case_id for row in rows(records, WordRow)} == {whole}  # type: ignore[attr-defined]  # it has


@pytest.mark.parametrize("table", ["case_keys", "secrets"])
def test_a_changed_key_id_does_not_stop_an_upgrade(
    records: Records, nurse: Actor, table: str
) -> None:
    added(records, nurse)
    tamper(records, f"UPDATE {table} SET key_id = 'x'")
    schema.downgrade(records.database, "0013")
    upgrade(records)
    assert {fault.code for fault in verify_ledger(records).faults} == {"row-changed"}


def test_a_lost_key_stops_an_upgrade_before_anything_is_changed(
    records: Records, nurse: Actor
) -> None:
    added(records, nurse)
    schema.downgrade(records.database, "0013")
    other = replace(records, keyring=keyed_ring)
    with pytest.raises(LostKeyringError):
        upgrade(other)
    assert schema.known_revision(records.database) == "0013"
    upgrade(records)
    assert verify_ledger(records).faults == []


def test_the_reason_of_an_erasure_of_before_is_sealed(records: Records, nurse: Actor) -> None:
    erasure.erase(records, 0, erased := added(records, nurse), erasure.Reason.MISTAKE)
    with records.database.writing() as session:
        session.execute(update(CaseRow).values(sealed=b"mistake"))
    schema.downgrade(records.database, "0013")
    upgrade(records)
    (row,) = rows(records, CaseRow)
    assert len(row.sealed) == padding.CASE + NONCE_BYTES + MARK_BYTES  # type: ignore[attr-defined]  # it has
    assert erasure.find_reason(records, erased) is erasure.Reason.MISTAKE
    assert verify_ledger(records).faults == []


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'restored.sqlite3'}"
        return
    with postgresql_empty(request.getfixturevalue("postgres")) as address:
        yield address


def test_a_backup_of_before_is_sealed_again_when_it_is_restored(
    earlier_sqlite: Earlier, tmp_path: Path, target: str
) -> None:
    before = earlier_sqlite.records
    write_backup(before.database, tmp_path / "backup", before.now(), before.keyring())
    with open_records(target) as made:
        restored = Records(made.database, before.keyring, made.now)
        assert restore_backup(restored, tmp_path / "backup").faults == 0
        assert verify_ledger(restored).faults == []
        found = rows(restored, *TABLES)
        assert len(lengths(found)) == len(TABLES)


def test_a_result_that_was_sealed_again_proves_itself(earlier_sqlite: Earlier) -> None:
    records = earlier_sqlite.records
    upgrade(records)
    auditor = People(records, {"North": 1}).actor(Role.AUDITOR)
    signer = LedgerSigner(records, Signer.make())
    file = make_evidence(open_case(records, auditor, earlier_sqlite.decided), signer, 1)
    assert all(step.holds for step in verify_evidence(file, signer.verifier))


def test_nothing_else_lets_the_guards_step_aside(root: Path) -> None:
    code = {each: each.read_text("utf-8") for each in (root / "screening").rglob("*.py")}
    lifting = [path.name for path, each in code.items() if "append_only.lift_guards(" in each]
    assert lifting == ["resealing.py"]
    upgrading = {path.name for path, each in code.items() if "schema.upgrade" in each}
    assert upgrading == {*("backup.py", "opening.py", "resealing.py", "restore.py", "shape.py")}
