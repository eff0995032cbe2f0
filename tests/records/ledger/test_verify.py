"""Whatever is done to the records behind the application's back, the ledger or a witness tells."""

from uuid import uuid4

import pytest
from sqlalchemy import select, text
from support.casework.case_writes import viewed
from support.casework.referrals import referral
from support.rulesets import shipped
from support.storage.database_owner import unguarded
from support.storage.databases import People, clock
from support.storage.forgery import rewrite, tamper

from screening.records.access import Actor
from screening.records.case.case_view import open_case
from screening.records.casework.cases import add_case, change_referral, close_case
from screening.records.ledger.digests import row_digest
from screening.records.ledger.entries import is_genuine
from screening.records.ledger.events import NO_HASH, event_hash
from screening.records.ledger.records import Records
from screening.records.ledger.signed_head import Head, Signer
from screening.records.storage.append_only import UnguardedError, check_guards
from screening.records.storage.shape import AddedError, check_shape, differences
from screening.records.storage.tables import CaseRow, EventRow
from screening.records.verification.verdict import Verdict
from screening.records.verification.verify import verify_ledger

SIGNER = Signer.make()


def once() -> str:
    return uuid4().hex


@pytest.fixture
def cases(records: Records, nurse: Actor) -> list[str]:
    """Three cases, of which one was changed and one closed and all were looked at."""
    (site,) = nurse.sites
    numbers = ("R-1", "R-2", "R-3")
    ids = [add_case(records, nurse, site, referral(reference=each), once()) for each in numbers]
    change_referral(open_case(records, nurse, ids[0]), 1, referral(reference="R-9"), once())
    close_case(open_case(records, nurse, ids[1]), 1, shipped.ruleset(), once())
    for case_id in ids:
        viewed(records, nurse, case_id)
    return ids


def head_of(verdict: Verdict, records: Records) -> Head:
    return SIGNER.sign(size=verdict.events, root=verdict.root, last=verdict.last, at=records.now())


def codes(records: Records, *heads: Head) -> set[str]:
    verdict = verify_ledger(records, heads, SIGNER.verifier)
    return {fault.code for fault in verdict.faults}


def test_untouched_records_are_whole(records: Records, cases: list[str]) -> None:
    verdict = verify_ledger(records)
    assert verdict.faults == []
    assert verdict.events >= 3 * len(cases) - 1
    assert verdict.rows >= len(cases)


def test_an_empty_ledger_is_whole(records: Records) -> None:
    assert verify_ledger(records).faults == []


def test_a_ledger_goes_on_from_a_witnessed_head(
    records: Records, nurse: Actor, cases: list[str]
) -> None:
    head = head_of(verify_ledger(records), records)
    clock(records).advance(hours=1)
    viewed(records, nurse, cases[0])
    verdict = verify_ledger(records, [head], SIGNER.verifier)
    assert (verdict.faults, verdict.heads) == ([], 1)


ATTACKS = {
    "an event's time is changed": (
        "UPDATE events SET at = '2026-01-01T00:00:00.000000Z' WHERE seq = 3",
        "event-changed",
    ),
    "an event names another person": (
        'UPDATE events SET "by" = 999 WHERE seq = 3',
        "event-changed",
    ),
    "an event names another case": (
        "UPDATE events SET case_id = 'x' WHERE seq = 3",
        "event-changed",
    ),
    "an event says another thing": (
        "UPDATE events SET kind = 'signed-in' WHERE seq = 3",
        "event-changed",
    ),
    "an event tells of another row": (
        "UPDATE events SET \"row\" = '' WHERE seq = 3",
        "event-changed",
    ),
    "an event has another digest": ("UPDATE events SET digest = '' WHERE seq = 3", "event-changed"),
    "an event follows another": ("UPDATE events SET previous = '' WHERE seq = 3", "chain-broken"),
    "an event has another hash": ("UPDATE events SET hash = '' WHERE seq = 3", "chain-broken"),
    "an event is gone": ("DELETE FROM events WHERE seq = 3", "event-missing"),
    "the first event is gone": ("DELETE FROM events WHERE seq = 1", "event-missing"),
    "an event has another number": ("UPDATE events SET seq = 999 WHERE seq = 3", "event-missing"),
    "a case is at another clinic": ("UPDATE cases SET clinic = 'x'", "row-changed"),
    "a case is in another state": ("UPDATE cases SET state = 'decided'", "row-changed"),
    "a case has other content": ("UPDATE cases SET sealed = CAST('x' AS {bytes})", "row-changed"),
    "a case is another one's": ("UPDATE cases SET touched_by = 999", "row-changed"),
}


@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.usefixtures("cases")
def test_an_attack_is_found(records: Records, name: str) -> None:
    statement, code = ATTACKS[name]
    kind = "BLOB" if records.database.sqlite else "BYTEA"
    tamper(records, statement.replace("{bytes}", kind))
    assert code in codes(records)


@pytest.mark.usefixtures("cases")
@pytest.mark.parametrize("moment", ["nonsense", "2026-01-01"])
def test_a_moment_that_is_none_is_a_fault(records: Records, moment: str) -> None:
    tamper(records, f"UPDATE events SET at = '{moment}' WHERE seq = 3")
    assert "misspelled" in codes(records)


MISSPELLED = {
    "a moment in basic form": (
        "UPDATE cases SET touched_at = replace(replace(touched_at, '-', ''), ':', '')",
        "cases",
    ),
    "a moment of an event in basic form": (
        "UPDATE events SET at = replace(replace(at, '-', ''), ':', '') WHERE seq = 2",
        "event",
    ),
}
MISSPELLED_ON_SQLITE = {
    "a day by its week": ("UPDATE cases SET due = '2026-W47-1'", "cases"),
    "a day that is none": ("UPDATE cases SET due = 'x'", "cases"),
    "a day that is a number": ("UPDATE cases SET due = 20261128", "cases"),
    "another truth": ("UPDATE users SET active = 2", "users"),
    "a number too large": ("UPDATE events SET seq = 9223372036854775807 WHERE seq = 2", "event"),
    "a MAC of bytes": ("UPDATE events SET mac = CAST(mac AS BLOB) WHERE seq = 2", "event"),
    "a text of bytes": ("UPDATE cases SET clinic = CAST(clinic AS BLOB)", "cases"),
    "sealed text": ("UPDATE cases SET sealed = 'x'", "cases"),
}


def misspellings(records: Records, statement: str) -> set[str]:
    tamper(records, statement, "UPDATE sites SET name = 'Elsewhere'")
    faults = verify_ledger(records).faults
    assert "row-changed" in {each.code for each in faults if each.place.startswith("sites/")}
    return {each.place.partition("/")[0] for each in faults if each.code == "misspelled"}


@pytest.mark.usefixtures("cases")
@pytest.mark.parametrize("what", MISSPELLED)
def test_another_spelling_is_a_fault_and_hides_no_other(records: Records, what: str) -> None:
    statement, place = MISSPELLED[what]
    assert misspellings(records, statement) == {place}


@pytest.mark.parametrize("what", MISSPELLED_ON_SQLITE)
def test_sqlite_keeps_any_spelling_and_each_is_a_fault(sqlite_records: Records, what: str) -> None:
    people = People(sqlite_records)
    nurse = people.actor()
    (site,) = nurse.sites
    add_case(sqlite_records, nurse, site, referral(), once())
    statement, place = MISSPELLED_ON_SQLITE[what]
    assert misspellings(sqlite_records, statement) == {place}


ON_BOTH = {
    "a case": ("UPDATE cases SET touched_at = 'nonsense' WHERE id = '{0}'", "cases/{0}"),
    "an event": ("UPDATE events SET at = 'nonsense' WHERE seq = 2", "event/2"),
}
ON_SQLITE = {
    "a text that is no UTF-8": (
        "UPDATE cases SET clinic = CAST(x'ff' AS TEXT) WHERE id = '{0}'",
        "cases/{0}",
    ),
    "an account": ("UPDATE users SET confirmed_at = 'x' WHERE id = 1", "users/1"),
    "a hash of bytes": ("UPDATE events SET hash = x'00' WHERE seq = 2", "event/2"),
    "a MAC of bytes": ("UPDATE events SET mac = x'00' WHERE seq = 2", "event/2"),
    "a huge number": ('UPDATE events SET "by" = 9007199254740993 WHERE seq = 2', "event/2"),
}


def found_beside(records: Records, ids: list[str], statement: str) -> set[tuple[str, str]]:
    """What is found if one cell cannot be read and other rows of all tables were changed too."""
    People(records).actor(sites=(), name="Another")
    first, second, _ = sorted(ids)
    tamper(
        records,
        statement.format(first),
        f"UPDATE cases SET clinic = 'elsewhere' WHERE id = '{second}'",
        "UPDATE events SET kind = 'signed-in' WHERE seq = 4",
        "UPDATE users SET email = 'x' WHERE id = 2",
    )
    found = {(fault.code, fault.place) for fault in verify_ledger(records).faults}
    assert {("row-changed", f"cases/{second}"), ("row-changed", "users/2")} <= found
    assert ("event-changed", "event/4") in found
    return found


@pytest.mark.parametrize("what", ON_BOTH)
def test_a_cell_that_cannot_be_read_is_named_and_hides_no_other_row(
    records: Records, cases: list[str], what: str
) -> None:
    statement, place = ON_BOTH[what]
    found = found_beside(records, cases, statement)
    assert {each for each in found if each[0] == "unreadable"} == {
        ("unreadable", place.format(min(cases)))
    }


@pytest.mark.parametrize("what", ON_SQLITE)
def test_no_value_that_sqlite_keeps_hides_another_row(sqlite_records: Records, what: str) -> None:
    nurse = People(sqlite_records).actor()
    (site,) = nurse.sites
    ids = [
        add_case(sqlite_records, nurse, site, referral(reference=each), once()) for each in "123"
    ]
    statement, place = ON_SQLITE[what]
    found = found_beside(sqlite_records, ids, statement)
    named = {where for code, where in found if code in ("unreadable", "misspelled")}
    assert named == {place.format(min(ids))}


def test_a_key_that_is_no_text_hides_no_later_row(
    sqlite_records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("screening.records.ledger.covered.AT_ONCE", 2)
    nurse = People(sqlite_records).actor()
    (site,) = nurse.sites
    ids = sorted(
        add_case(sqlite_records, nurse, site, referral(reference=each), once()) for each in "12345"
    )
    tamper(
        sqlite_records,
        "PRAGMA defer_foreign_keys = ON",
        f"UPDATE cases SET id = CAST(CAST('{ids[0]}' AS BLOB) || x'ff' AS TEXT)"
        f" WHERE id = '{ids[1]}'",
        f"DELETE FROM case_words WHERE case_id = '{ids[1]}'",
        f"DELETE FROM case_keys WHERE case_id = '{ids[1]}'",
        f"UPDATE cases SET clinic = 'elsewhere' WHERE id = '{ids[4]}'",
    )
    found = {(fault.code, fault.place) for fault in verify_ledger(sqlite_records).faults}
    assert ("row-changed", f"cases/{ids[4]}") in found
    assert ("unreadable", f"cases/{ids[0]}\udcff") in found


def test_an_event_of_a_row_that_can_be_none_hides_no_missing_one(
    records: Records, nurse: Actor
) -> None:
    gone = f"users/{nurse.id}"
    tamper(
        records,
        "UPDATE events SET \"row\" = 'users/x' WHERE seq = 1",
        *(
            f"DELETE FROM {each} WHERE user_id = {nurse.id}"
            for each in ("roles_users", "users_sites")
        ),
        f"DELETE FROM users WHERE id = {nurse.id}",
    )
    found = {(fault.code, fault.place) for fault in verify_ledger(records).faults}
    assert ("row-missing", gone) in found
    assert not any(code == "unreadable" for code, _ in found)


def test_a_gap_is_told_once_and_many_faults_of_a_table_hide_none_of_another(
    records: Records, cases: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("screening.records.verification.verdict.MOST_FAULTS", 2)
    tamper(
        records,
        "DELETE FROM events WHERE seq = 2",
        "DELETE FROM events WHERE seq = 5",
        "UPDATE cases SET clinic = 'elsewhere'",
        "UPDATE sites SET name = 'Elsewhere'",
    )
    verdict = verify_ledger(records)
    places = {fault.place for fault in verdict.faults if fault.code == "event-missing"}
    assert places == {"event/3", "event/6"}
    changed = [fault.place for fault in verdict.faults if fault.code == "row-changed"]
    assert sum(each.startswith("cases/") for each in changed) == 2
    assert sum(each.startswith("sites/") for each in changed) == 1
    assert verdict.found["row-changed", "cases"] == len(cases)


def test_a_lost_case_is_found(records: Records, cases: list[str]) -> None:
    names = ("case_words", "case_keys")
    tamper(
        records,
        *(f"DELETE FROM {each} WHERE case_id = '{cases[2]}'" for each in names),
        f"DELETE FROM cases WHERE id = '{cases[2]}'",
    )
    assert codes(records) == {"row-missing"}


@pytest.mark.usefixtures("cases")
def test_a_smuggled_case_is_found(records: Records) -> None:
    columns = "site_id, version, sealed, clinic, priority, state, created_at, created_by"
    rest = "touched_at, touched_by"
    tamper(
        records,
        f"INSERT INTO cases (id, {columns}, {rest})"
        f" SELECT 'smuggled', {columns}, {rest} FROM cases LIMIT 1",
    )
    assert codes(records) == {"row-unknown"}


def test_two_exchanged_cases_are_found(records: Records, cases: list[str]) -> None:
    one, other = cases[1:]
    tamper(
        records,
        "CREATE TEMPORARY TABLE kept AS SELECT id, sealed FROM cases",
        f"UPDATE cases SET sealed = (SELECT sealed FROM kept WHERE id = '{other}')"
        f" WHERE id = '{one}'",
        f"UPDATE cases SET sealed = (SELECT sealed FROM kept WHERE id = '{one}')"
        f" WHERE id = '{other}'",
    )
    assert codes(records) == {"row-changed"}


@pytest.mark.usefixtures("cases")
def test_only_a_witness_finds_that_the_end_was_cut_off(records: Records) -> None:
    whole = verify_ledger(records)
    head = head_of(whole, records)
    tamper(records, f"DELETE FROM events WHERE seq = {whole.events}")
    assert codes(records) == set()
    assert codes(records, head) == {"ledger-cut"}


@pytest.mark.usefixtures("cases")
@pytest.mark.parametrize("with_keyring", [False, True])
def test_only_a_witness_finds_that_the_past_was_written_again_with_the_keyring(
    records: Records, *, with_keyring: bool
) -> None:
    head = head_of(verify_ledger(records), records)

    def blame(event: EventRow) -> None:
        event.by = 999

    rewrite(records, blame, records.keyring() if with_keyring else None)
    without_head = set() if with_keyring else {"mac-wrong"}
    assert codes(records) == without_head
    assert codes(records, head) == {"past-rewritten"} | without_head


@pytest.mark.usefixtures("cases")
def test_a_head_that_somebody_else_signed_is_told(records: Records) -> None:
    verdict = verify_ledger(records)
    forged = Signer.make().sign(
        size=verdict.events, root=verdict.root, last=verdict.last, at=records.now()
    )
    assert codes(records, forged) == {"head-signature"}


@pytest.mark.usefixtures("cases")
def test_a_head_without_a_key_to_check_it_counts_for_nothing(records: Records) -> None:
    head = head_of(verify_ledger(records), records)
    verdict = verify_ledger(records, [head])
    assert [fault.code for fault in verdict.faults] == ["head-signature"]


@pytest.mark.parametrize("seq", [0, -1])
def test_an_event_before_the_first_one_is_a_fault_and_tells_of_no_row(
    records: Records, cases: list[str], seq: int
) -> None:
    name = f"cases/{cases[0]}"
    with records.database.writing() as session, unguarded(session):
        row = session.get_one(CaseRow, cases[0])
        for event in session.scalars(select(EventRow).where(EventRow.row == name)):
            event.row = ""
        before = EventRow(seq=seq, at=records.now(), by=0, kind="record-added", case_id="")
        before.row, before.digest, before.previous = name, row_digest(row), NO_HASH
        before.hash = event_hash(before)
        session.add(before)
    found = {(fault.code, fault.place) for fault in verify_ledger(records).faults}
    assert {("event-added", f"event/{seq}"), ("row-unknown", name)} <= found
    assert not is_genuine(before, records.keyring())


DROPPED = "DROP TRIGGER answers_no_update"
EMPTY = "CREATE TRIGGER answers_no_update BEFORE UPDATE ON answers BEGIN SELECT 1; END"
NARROW = """CREATE TRIGGER answers_no_update BEFORE UPDATE OF how ON answers BEGIN
 SELECT RAISE(ABORT, 'answers is append-only'); END"""
DROPPED_ON = "DROP TRIGGER answers_append_only ON answers"
EMPTY_ON = """CREATE OR REPLACE FUNCTION answers_is_append_only() RETURNS trigger
 LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$"""
NARROW_ON = """CREATE TRIGGER answers_append_only BEFORE DELETE ON answers
 FOR EACH STATEMENT EXECUTE FUNCTION answers_is_append_only()"""
COLUMNS_ON = """CREATE TRIGGER answers_append_only
 BEFORE UPDATE OF how OR DELETE OR TRUNCATE ON answers
 FOR EACH STATEMENT EXECUTE FUNCTION answers_is_append_only()"""
NEVER_ON = """CREATE TRIGGER answers_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON answers
 FOR EACH STATEMENT WHEN (false) EXECUTE FUNCTION answers_is_append_only()"""
NEVER = """CREATE TRIGGER answers_no_update BEFORE UPDATE ON answers WHEN 0 BEGIN
 SELECT RAISE(ABORT, 'answers is append-only'); END"""
OFF = "ALTER TABLE answers DISABLE TRIGGER answers_append_only"
WEAKENED = {
    "gone": ((DROPPED,), (DROPPED_ON,)),
    "there, and does nothing": ((DROPPED, EMPTY), (EMPTY_ON,)),
    "there, and for something else": ((DROPPED, NARROW), (DROPPED_ON, NARROW_ON)),
    "there, and for one column": ((DROPPED, NARROW), (DROPPED_ON, COLUMNS_ON)),
    "there, and never called for": ((DROPPED, NEVER), (DROPPED_ON, NEVER_ON)),
    "switched off": ((DROPPED,), (OFF,)),
}


@pytest.mark.parametrize("how", WEAKENED)
def test_rows_that_can_be_changed_are_a_fault_and_nothing_is_served(
    records: Records, how: str
) -> None:
    check_guards(records.database)
    with records.database.writing() as session:
        for statement in WEAKENED[how][0 if records.database.sqlite else 1]:
            session.connection().exec_driver_sql(statement)
    assert [(fault.code, fault.place) for fault in verify_ledger(records).faults] == [
        ("guard-missing", "answers")
    ]
    with pytest.raises(UnguardedError, match="stops changes to rows of answers"):
        check_guards(records.database)


ON_CASES = """CREATE TRIGGER quiet AFTER INSERT ON cases
 FOR EACH STATEMENT EXECUTE FUNCTION events_is_append_only()"""
ADDED = {
    "trigger": (
        "CREATE TRIGGER quiet AFTER INSERT ON cases BEGIN DELETE FROM tries; END",
        ON_CASES,
    ),
    "view": ("CREATE VIEW quiet AS SELECT * FROM cases",) * 2,
    "rule": (
        "CREATE TRIGGER quiet BEFORE DELETE ON sessions BEGIN SELECT RAISE(IGNORE); END",
        "CREATE RULE quiet AS ON DELETE TO sessions DO INSTEAD NOTHING",
    ),
    "policy": (
        "CREATE TRIGGER quiet BEFORE INSERT ON tries BEGIN SELECT RAISE(IGNORE); END",
        "ALTER TABLE sessions ENABLE ROW LEVEL SECURITY",
    ),
}


HIDDEN = {
    "trigger": """CREATE TRIGGER sqlite_quiet BEFORE INSERT ON tries
 BEGIN SELECT RAISE(IGNORE); END""",
    "view": "CREATE VIEW sqlite_quiet AS SELECT * FROM cases",
}


@pytest.mark.parametrize("kind", HIDDEN)
def test_what_is_named_as_if_it_were_of_sqlite_is_a_fault(
    sqlite_records: Records, kind: str
) -> None:
    table = "tries" if kind == "trigger" else "sqlite_quiet"
    tamper(
        sqlite_records,
        "PRAGMA writable_schema = on",
        "INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql)"
        f" VALUES ('{kind}', 'sqlite_quiet', '{table}', 0, '{HIDDEN[kind]}')",
        "PRAGMA schema_version = 4000",
        "PRAGMA writable_schema = off",
    )
    with pytest.raises(AddedError, match="sqlite_quiet"):
        check_shape(sqlite_records.database)
    assert "shape-changed" in codes(sqlite_records)


def test_what_sqlite_makes_for_itself_is_no_fault(sqlite_records: Records) -> None:
    tamper(sqlite_records, "ANALYZE")
    assert codes(sqlite_records) == set()


@pytest.mark.parametrize("database_address", ["postgresql"], indirect=True)
def test_another_schema_that_is_searched_is_a_fault(records: Records) -> None:
    database = records.database
    with database.writing() as session:
        session.execute(text("CREATE SCHEMA quiet"))
        session.execute(text("SELECT set_config('search_path', current_schema || ', quiet', true)"))
        found = [(each.kind, each.name) for each in differences(session)]
        session.execute(text("DROP SCHEMA quiet"))
    assert found == [("schema", "quiet")]


@pytest.mark.parametrize("kind", ADDED)
def test_what_somebody_added_is_a_fault_and_nothing_is_served(records: Records, kind: str) -> None:
    check_shape(records.database)
    tamper(records, ADDED[kind][0 if records.database.sqlite else 1])
    assert codes(records) == {"shape-changed"}
    with pytest.raises(AddedError, match="which the application did not make"):
        check_shape(records.database)


OTHER = {
    "a table": "CREATE TABLE quiet (id INTEGER)",
    "an index": "CREATE INDEX quiet ON cases (state)",
    "a column": "ALTER TABLE cases ADD COLUMN quiet INTEGER",
    "no index": "DROP INDEX ix_cases_listed",
}


@pytest.mark.parametrize("what", OTHER)
def test_another_shape_is_a_fault(records: Records, what: str) -> None:
    tamper(records, OTHER[what])
    assert codes(records) == {"shape-changed"}


@pytest.mark.parametrize(
    "table", ["case_notes", "case_words", "reviews", "users", "activations", "markers"]
)
def test_a_table_that_is_gone_is_found(records: Records, cases: list[str], table: str) -> None:
    """The program does not end there."""
    assert cases
    cascade = "" if records.database.sqlite else " CASCADE"
    with records.database.engine.begin() as connection:
        if records.database.sqlite:
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        if table == "users":
            for each in ("roles_users", "users_sites"):
                connection.exec_driver_sql(f"DELETE FROM {each}")
        connection.exec_driver_sql(f'DROP TABLE "{table}"{cascade}')
    found = {(each.code, each.place) for each in verify_ledger(records).faults}
    assert ("shape-changed", f"table/{table}") in found


def test_a_verification_tells_how_much_it_has_read(records: Records, cases: list[str]) -> None:
    seen: list[tuple[int, int]] = []
    verdict = verify_ledger(records, watch=lambda done, total: seen.append((done, total)))
    done, total = seen[-1]
    assert done == total == verdict.events + verdict.rows
    assert [each for each, _ in seen] == sorted(each for each, _ in seen)
