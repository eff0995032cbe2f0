"""Stored assessments come out as they were, or the replay says which do not and why."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from support.casework.screened_cases import SOME, Screened, decide, screen
from support.rulesets import shipped
from support.storage.database_owner import unguarded
from support.storage.databases import People
from support.storage.forgery import forge_decision, tamper

from screening.cli import main
from screening.formats.documents.answers_json import NewerFormatError
from screening.formats.rules.rule_text import QUESTIONS
from screening.records.access import Role
from screening.records.case.assessment_content import open_content, seal_content
from screening.records.installation.opening import open_records
from screening.records.installation.settings import Settings
from screening.records.ledger.records import Records
from screening.records.results import content as kept_contents
from screening.records.results import impact
from screening.records.results.content import sealed_portions
from screening.records.results.impact import reassess_all
from screening.records.results.replay import Replay, replay
from screening.records.sealing.case_keys import load_key
from screening.records.storage.tables import AssessmentRow
from screening.resources import rules_folder


@pytest.fixture
def decided(screened: Screened) -> Screened:
    """The same, and a decision on the first of them."""
    decide(screened)
    return screened


@pytest.fixture(params=["the database", "the database, without MACs", "deletion"])
def forged_by(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def contents(records: Records) -> list[dict[str, Any]]:
    portions = sealed_portions(records)
    return [kept.open(records.keyring()) for portion in portions for kept in portion]


def test_every_assessment_comes_out_byte_for_byte(screened: Screened) -> None:
    results = [each.result for each in replay(screened.records)]
    assert results == [Replay.SAME] * SOME


def test_an_assessment_that_was_tampered_with_comes_out_differently(screened: Screened) -> None:
    """Whoever has the keys can seal another result; computing it anew shows that."""
    records = screened.records
    with records.database.writing() as session, unguarded(session):
        row = session.query(AssessmentRow).filter_by(case_id=screened.cases[0]).one()
        key = load_key(session, records.keyring(), row.case_id)
        place_of = (row.id, row.case_version)
        content = open_content(key, row.sealed, *place_of)
        content["assessment"]["outcome"]["favourable"] ^= True
        row.sealed, _ = seal_content(key, content, *place_of)
    found = {each.kept.case_id: each for each in replay(records)}
    assert found[screened.cases[0]].result is Replay.DIFFERENT
    assert found[screened.cases[0]].parts == ("assessment",)
    assert found[screened.cases[1]].result is Replay.SAME


def test_a_result_of_a_newer_format_is_refused_even_if_nothing_else_differs(
    screened: Screened,
) -> None:
    records = screened.records
    with records.database.writing() as session, unguarded(session):
        row = session.query(AssessmentRow).filter_by(case_id=screened.cases[0]).one()
        key = load_key(session, records.keyring(), row.case_id)
        place_of = (row.id, row.case_version)
        content = open_content(key, row.sealed, *place_of)
        content["assessment"]["format"] += 1
        row.sealed, _ = seal_content(key, content, *place_of)
    found = {each.kept.case_id: each for each in replay(records)}
    assert found[screened.cases[0]].result is Replay.UNREADABLE
    with pytest.raises(NewerFormatError, match="use the version that recorded it, or a newer one"):
        contents(records)


def test_a_forged_decision_is_not_taken_for_a_recorded_one(
    decided: Screened, forged_by: str
) -> None:
    """Its result comes out the same; what somebody decided on it is not what the ledger says."""
    records = decided.records
    if forged_by == "the database":
        forge_decision(records)
    elif forged_by == "the database, without MACs":
        forge_decision(records)
        tamper(records, "UPDATE events SET mac = NULL")
    else:
        tamper(records, "DELETE FROM reviews")
    found = {each.kept.case_id: each for each in replay(records)}
    assert found[decided.cases[0]].result is Replay.DOUBTED
    assert "decision" in found[decided.cases[0]].parts


def test_a_decision_as_it_was_recorded_is_no_doubt(decided: Screened) -> None:
    assert {each.result for each in replay(decided.records)} == {Replay.SAME}


def test_a_result_of_a_forged_event_is_doubted(screened: Screened) -> None:
    records, moment = screened.records, "2026-01-01T00:00:00.000000Z"
    tamper(records, f"UPDATE events SET at = '{moment}' WHERE case_id = '{screened.cases[0]}'")
    results = {each.kept.case_id: each.result for each in replay(records)}
    assert results[screened.cases[0]] is Replay.DOUBTED
    assert results[screened.cases[1]] is Replay.SAME


def test_an_erased_case_is_told_as_erased(screened: Screened) -> None:
    with screened.records.database.writing() as session:
        erase = "UPDATE case_keys SET wrapped = NULL WHERE case_id = :case"
        session.execute(text(erase), {"case": screened.cases[0]})
    results = {each.kept.case_id: each.result for each in replay(screened.records)}
    assert results[screened.cases[0]] is Replay.ERASED


def test_the_same_rules_change_nothing(screened: Screened) -> None:
    found = list(reassess_all(screened.records, shipped.ruleset()))
    assert len(found) == SOME
    assert not any(each.changed or each.criterion_changes or each.left_out for each in found)


def test_other_rules_are_told_by_outcome_and_criterion(screened: Screened) -> None:
    shipped_rules = shipped.ruleset()
    kept = contents(screened.records)
    gone = next(
        each["id"]
        for content in kept
        for each in content["assessment"]["criteria"]
        if each["truth"] == "true" and each["tier"] == "exclusion"
    )
    others = tuple(each for each in shipped_rules.criteria if each.id != gone)
    fewer = replace(shipped_rules, criteria=others)
    found = list(reassess_all(screened.records, fewer))
    turned = {turn.criterion for each in found for turn in each.criterion_changes}
    assert turned == {gone}
    assert any(each.changed for each in found)


def test_several_processes_judge_alike(screened: Screened, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = list(reassess_all(screened.records, shipped.ruleset(), processes=1))
    for module in (impact, kept_contents):
        monkeypatch.setattr(module, "PORTION", 1)
    assert list(reassess_all(screened.records, shipped.ruleset(), processes=2)) == alone


def test_the_diagrams_judge_as_the_evaluator(screened: Screened) -> None:
    """Each stored outcome came from the evaluator; the judge reads diagrams."""
    for each in reassess_all(screened.records, shipped.ruleset()):
        assert (each.before, each.favourable_before) == (each.after, each.favourable_after)


def test_an_answer_that_other_rules_do_not_ask_for_is_named(screened: Screened) -> None:
    ruleset = shipped.ruleset()
    answered = (each["answers"]["answers"] for each in contents(screened.records))
    name = next(iter(next(filter(None, answered))))
    items = {link_id: item for link_id, item in ruleset.items.items() if link_id != name}
    criteria = tuple(each for each in ruleset.criteria if name not in str(each.condition))
    lesser = replace(ruleset, items=items, criteria=criteria)
    left_out = {each.left_out for each in reassess_all(screened.records, lesser)}
    assert (name,) in left_out


def run(folder: Path, *words: str) -> tuple[int, str]:
    clean = {"DATABASE_URL": "", "SCREENING_KEYS": "", "SCREENING_DATA": str(folder)}
    done = CliRunner(env=clean).invoke(main, list(words))
    return done.exit_code, done.output


def test_the_commands_tell_what_was_found(tmp_path: Path) -> None:
    data, rules = tmp_path / "data", tmp_path / "rules"
    records = open_records(Settings.read({"SCREENING_DATA": str(data)}))
    screen(records, People(records).actor(Role.NURSE))
    records.database.close()
    rules.mkdir()
    for path in rules_folder().glob("*.yaml"):
        (rules / path.name).write_bytes(path.read_bytes())
    assert (rules / f"{QUESTIONS}.yaml").exists()
    code, said = run(data, "replay")
    assert (code, f"{SOME} come out the same" in said) == (0, True), said
    table = tmp_path / "impact.csv"
    code, said = run(data, "impact", "documented", "--rules", str(rules), "--csv", str(table))
    assert (code, "0 would have a different outcome" in said) == (0, True), said
    assert table.read_text("utf-8").splitlines() == [
        "case,assessment,from,to,criteria,answers left out"
    ]
