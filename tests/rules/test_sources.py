"""What the rules cite: every statement that they rest on, in few words, and nothing forbidden."""

import json
import re
from collections.abc import Iterable

import pytest
from support.rulesets.shipped import (
    EVIDENCE,
    ROOT,
    citations,
    examples,
    open_outcome,
    ruleset,
    table,
    wordings,
)

from screening.core.results.assess import assess
from screening.core.rules.ruleset import Tier
from screening.core.values.answer import AbsentReason
from screening.core.values.citation import Citation
from screening.core.values.truth import Truth
from screening.files.cited_documents import load_shelf, verify_sources

LONGEST_QUOTE = 11
DOCUMENTS = ("tpic", "bapd", "spinenation", "colorado", "practice")
FORBIDDEN = ("34% compared to 39%", "34 %", "34%", "39%", "15% loss of body height", "15%")
VERDICT = re.compile(
    r"\b(candidates?|candidacy|(?:in)?eligib\w+|(?:un)?suit(?:s|ed|able|ability)|(?:dis)?qualif\w+"
    r"|recommend\w*|approv\w+|pass(?:es|ed)?|fail(?:s|ed)? (?:the|this) (?:test|check)|reject\w*"
    r"|accepted|contraindicat\w+|indicated)\b",
    re.IGNORECASE,
)
needs_evidence = pytest.mark.skipif(
    not EVIDENCE.is_dir(), reason="the five documents are no part of the product, and not here"
)
PER_CRITERION = [
    pytest.param(name, ids, id=f"{point}: {name}")
    for point, criteria in table()["criteria"].items()
    for name, ids in criteria.items()
]
PER_QUESTION = [
    pytest.param(name, ids, id=f"{point}: {name}")
    for point, questions in table()["questions"].items()
    for name, ids in questions.items()
]


def assert_cited(ids: Iterable[str], cited: Iterable[Citation]) -> None:
    quoted = {(each.source, each.quote) for each in cited}
    missing = [i for i in ids if tuple(table()["phrases"][i].values()) not in quoted]
    assert missing == []


@pytest.mark.parametrize(("criterion_id", "ids"), PER_CRITERION)
def test_a_criterion_cites_every_statement_that_supports_it(
    criterion_id: str, ids: list[str]
) -> None:
    assert_cited(ids, ruleset().criterion(criterion_id).citations)


@pytest.mark.parametrize(("question_id", "ids"), PER_QUESTION)
def test_a_question_for_the_doctor_cites_what_it_comes_from(
    question_id: str, ids: list[str]
) -> None:
    questions = {each.id: each for each in ruleset().doctor_questions}
    assert_cited(ids, questions[question_id].citations)


@needs_evidence
def test_the_phrases_are_those_of_the_collected_statements() -> None:
    statements = json.loads((EVIDENCE / "statements.json").read_text("utf-8"))
    quotes = {each["id"]: each["quote"] for each in statements}
    retyped = {name: each["phrase"] for name, each in table()["phrases"].items()}
    assert retyped == {name: quotes[name] for name in retyped}


@needs_evidence
def test_every_statement_that_the_criteria_name_is_in_the_table() -> None:
    text = (EVIDENCE / "criteria.md").read_text("utf-8").split("### Where the documents")[0]
    named = set(re.findall(r"S00[0-4]-\d\d", text))
    for start, end in re.findall(r"(S00[0-4]-\d\d)\.\.(\d\d)", text):
        named |= {f"{start[:5]}{n:02}" for n in range(int(start[5:]), int(end) + 1)}
    for start, end in re.findall(r"(S00[0-4]-\d\d)/(\d\d)", text):
        named |= {start, f"{start[:5]}{end}"}
    used = {i for kind in ("criteria", "questions") for i in _ids(table()[kind])}
    assert named <= used


def _ids(points: dict[str, dict[str, list[str]]]) -> set[str]:
    return {i for named in points.values() for ids in named.values() for i in ids}


@needs_evidence
def test_each_phrase_stands_exactly_once_in_its_document() -> None:
    verdicts = verify_sources(load_shelf(), EVIDENCE / "sources")
    pinned = {each.cited.source.id for each in verdicts if each.pinned}
    assert pinned == set(DOCUMENTS)
    assert [str(p) for verdict in verdicts for p in verdict.problems if verdict.pinned] == []
    assert all(verdict.path for verdict in verdicts if verdict.pinned)


def test_every_criterion_and_every_question_has_a_citation() -> None:
    rules = ruleset()
    cited = {each.id: each.citations for each in rules.criteria}
    cited |= {each.id: each.citations for each in rules.doctor_questions}
    assert [name for name, passages in cited.items() if not passages] == []
    assert {each.source for each in citations()} <= rules.sources.keys()


def test_no_quoted_phrase_is_long() -> None:
    assert [c.quote for c in citations() if len(c.quote.split()) > LONGEST_QUOTE] == []


def test_figures_that_do_not_hold_together_appear_nowhere() -> None:
    for path in sorted(each for each in (ROOT / "rules").rglob("*") if each.is_file()):
        text = " ".join(path.read_text("utf-8").split())
        assert [figure for figure in FORBIDDEN if figure in text] == [], path.name


@pytest.mark.parametrize("source_id", DOCUMENTS)
def test_a_document_is_shown_as_what_it_is(source_id: str) -> None:
    source = ruleset().sources[source_id]
    assert "patient information" in source.kind
    assert "not a guideline" in source.kind
    assert source.sha256


@pytest.mark.parametrize(("topic", "sources"), table()["disagreements"].items())
def test_a_disagreement_shows_each_document_that_takes_part(topic: str, sources: list[str]) -> None:
    topics = {each.id: each for each in ruleset().disagreements}
    cited = {c.source for position in topics[topic].positions for c in position.citations}
    assert set(sources) <= cited
    assert topics[topic].touches, "it is shown where a criterion or question touches it"


@pytest.mark.parametrize("topic", table()["silent_on"])
def test_a_topic_on_which_the_documents_are_silent_is_listed(topic: str) -> None:
    assert ruleset().silent_on[topic].say.nurse
    assert ruleset().silent_on[topic].say.patient


@pytest.mark.parametrize("topic", ruleset().silent_on)
def test_a_silence_that_says_what_a_document_contains_quotes_it(topic: str) -> None:
    silence = ruleset().silent_on[topic]
    claims = re.search(r"\b(documents? (name|describe)s?|they name)", silence.say.nurse)
    assert bool(silence.citations) is bool(claims)


def test_no_word_that_a_patient_reads_is_a_verdict() -> None:
    said = [(name, words.patient) for name, words in wordings() if words]
    assert [(name, text) for name, text in said if VERDICT.search(text)] == []


def test_what_a_patient_reads_of_a_result_is_the_same_for_better_and_worse() -> None:
    plain = [each.say.patient for each in ruleset().outcomes if each.id not in HELP]
    assert {*plain, open_outcome().say.patient} == {plain[0]}


HELP = ("emergency", "clinician_first")


@pytest.mark.parametrize("outcome_id", HELP)
def test_what_a_patient_reads_of_an_urgent_result_is_to_get_help(outcome_id: str) -> None:
    (text,) = [each.say.patient for each in ruleset().outcomes if each.id == outcome_id]
    assert re.search(r"\b(emergency|doctor|nurse)\b", text)
    assert re.search(r"\b(now|today)\b", text)


def test_every_criterion_has_cases_where_it_is_true_false_and_unknown() -> None:
    seen: dict[str, set[Truth]] = {each.id: set() for each in ruleset().criteria}
    for example in examples().values():
        for name, truth in example.truths.items():
            seen[name].add(truth)
    assert {name: truths for name, truths in seen.items() if truths != set(Truth)} == {}


def test_every_outcome_is_reached_by_a_case() -> None:
    reached = {example.outcome for example in examples().values()}
    assert reached == {each.id for each in ruleset().results}


def test_every_case_comes_to_what_its_author_expects() -> None:
    for example in examples().values():
        result = assess(ruleset(), example.answers, example.as_of)
        assert result.outcome
        assert result.outcome.id == example.outcome, example.name


def test_every_tier_and_every_reason_for_no_answer_is_in_use() -> None:
    assert {each.tier for each in ruleset().criteria} == set(Tier)
    assert AbsentReason.ASKED_UNKNOWN in {
        answer.absent for example in examples().values() for answer in example.answers.values()
    }
