"""The document leaves out nothing of the rules, and says nothing that they do not."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from support.pages.page_reader import Page
from support.rulesets import shipped
from support.rulesets.builders import at_least_number, criterion, item, number, ruleset, yes

from screening.core.results.assess import assess
from screening.core.rules.condition import Not
from screening.core.rules.ruleset import Ruleset, Tier
from screening.core.values.truth import Truth
from screening.core.values.wording import Audience
from screening.files.example_coverage import generated_path
from screening.formats.examples.example_file import read_examples
from screening.proof.checks.proof_run import run_proofs
from screening.words.auditor.checks import words_of_check
from screening.words.auditor.proofs import STATEMENTS
from screening.words.nurse.criteria import words_of_strength
from screening.words.shared.conditions import words_of_condition
from screening.words.shared.labels import BASIS_WORDS, TIER_WORDS

RULES = shipped.ruleset()


def squeezed(text: str) -> str:
    return " ".join(text.split())


def article(html: str, anchor: str) -> str:
    """The words of one article."""
    found = re.search(f'<article[^>]*id="{re.escape(anchor)}".*?</article>', html, re.DOTALL)
    assert found, anchor
    return Page(found[0]).text


def test_its_head_says_what_it_is_and_how_far_it_goes(page: Page) -> None:
    assert page.headings == [RULES.title.nurse]
    for words in (RULES.id, RULES.version, RULES.digest, "20 November 2026", "20 November 2027"):
        assert words in page.text
    for part in RULES.parts:
        assert part.title.nurse in page.text
        assert BASIS_WORDS[part.basis] in page.text


@pytest.mark.parametrize("criterion_id", [each.id for each in RULES.criteria])
def test_a_criterion_appears_with_its_words_condition_strength_and_passages(
    html: str, page: Page, criterion_id: str
) -> None:
    chosen = RULES.criterion(criterion_id)
    said = article(html, f"criterion-{chosen.id}")
    assert squeezed(chosen.say.nurse) in said
    assert squeezed(chosen.say.patient) in said
    assert squeezed(words_of_condition(chosen.condition, RULES.items, Audience.NURSE)) in said
    assert words_of_strength(chosen) in said
    for citation in chosen.citations:
        assert squeezed(citation.quote) in said
        assert RULES.sources[citation.source].title in said
        assert f"/sources/{citation.source}" in page.links
    if chosen.unmet:
        assert squeezed(chosen.unmet.nurse) in said
        assert squeezed(chosen.unmet.patient) in said
    for other in chosen.implies:
        assert other in said.partition("Implies")[2]


@pytest.mark.parametrize("link_id", RULES.items)
def test_a_question_appears_with_its_answers_its_gate_and_its_readers(
    html: str, page: Page, link_id: str
) -> None:
    asked = RULES.items[link_id]
    said = article(html, f"question-{link_id}")
    assert squeezed(asked.ask.nurse) in said
    assert squeezed(asked.ask.patient) in said
    for words in asked.choices.values():
        assert words.nurse in said
    readers = list(RULES.readers(link_id))
    assert all(each.id in said for each in readers)
    assert ("Asked only if" in said) == (asked.ask_if is not None)
    assert ("Marked as worse" in said) == (asked.worse is not None)
    assert readers or "no criterion" in said


def test_a_limit_and_its_criterion_lead_to_each_other(html: str) -> None:
    kept = article(html, "criterion-severe_lung_disease")
    broken = article(html, "criterion-severe_lung_disease.limit")
    assert "Its limit" in kept
    assert "The limit of severe_lung_disease" in broken


def test_criteria_stand_under_their_tier_in_order_of_gravity(page: Page) -> None:
    counts = Counter(each.tier for each in RULES.criteria)
    anchors = [each for each in page.ids if each.startswith("tier-")]
    assert anchors == [f"tier-{tier.value}" for tier in Tier if counts[tier]]
    for tier in Tier:
        assert f"{TIER_WORDS[tier].capitalize()} {counts[tier]}" in page.text


def test_outcomes_stand_in_order_with_what_triggers_each(page: Page) -> None:
    anchors = [each for each in page.ids if each.startswith("outcome-")]
    assert RULES.open_outcome
    assert RULES.contradiction_outcome
    listed = (*RULES.outcomes, RULES.open_outcome, RULES.contradiction_outcome)
    ids = [each.id for each in listed]
    assert anchors == [f"outcome-{each}" for each in ids]
    for outcome in RULES.outcomes:
        assert squeezed(outcome.say.nurse) in page.text
        assert squeezed(outcome.say.patient) in page.text
    counts = Counter(each.tier for each in RULES.criteria)
    signs = f"is any of the {counts[Tier.EMERGENCY]} met? If so: Emergency assessment now"
    assert f"Emergency sign : {signs}" in page.text
    assert f"Requirement : is any of the {counts[Tier.REQUIRED]} not met? If so:" in page.text


def test_every_proof_stands_with_its_cases_and_the_answers_that_it_covers(page: Page) -> None:
    held = run_proofs(RULES)
    assert len(held.report.proofs) == 16
    for proof in held.report.proofs:
        assert f"{squeezed(STATEMENTS[proof.code])} {proof.count} " in page.text
        assert f"proof-{proof.code}" in page.ids
    assert f"{held.complete:,} complete sets of answers" in page.text
    assert f"{held.nodes:,} nodes" in page.text


def test_the_cases_are_counted_by_criterion_and_outcome(page: Page, html: str) -> None:
    written = list(shipped.examples().values())
    path = generated_path(RULES)
    generated = read_examples(path.name, path.read_bytes(), RULES)
    results = [assess(RULES, each.answers, each.as_of) for each in (*written, *generated)]
    assert f"{len(written)} examples were written by hand" in page.text
    assert f"{len(generated)} were generated from the rules" in page.text
    assert "All of them come out as expected" in page.text
    reached = Counter(result.outcome.name for result in results if result.outcome)
    for name, count in reached.items():
        assert re.search(f"{re.escape(name)} {count} examples?", page.text)
    for each in RULES.criteria:
        truths = Counter(result.finding(each.id).truth for result in results)
        told = (
            f"met in {truths[Truth.TRUE]} , not met in {truths[Truth.FALSE]} ,"
            f" not known yet in {truths[Truth.UNKNOWN]}"
        )
        assert told.replace(" ,", ",") in article(html, f"criterion-{each.id}").replace(" ,", ",")


def test_thresholds_name_both_sides_and_what_they_count_for(page: Page) -> None:
    assert "0 to 19 years counts towards under_20 20 to 120 years" in page.text
    assert "3 to 24 levels counts towards severe_lung_disease.limit" in page.text
    assert "the line is between 19 September 2026 and 20 September 2026" in page.text


def test_disagreements_silence_and_documents_are_listed(page: Page) -> None:
    for topic in RULES.disagreements:
        assert topic.topic.nurse in page.text
        assert f"/disagreements#topic-{topic.id}" in page.links
    for silence in RULES.silent_on.values():
        assert silence.say.nurse in page.text
    for question in RULES.doctor_questions:
        assert squeezed(question.say.patient) in page.text
    assert {f"/sources/{key}" for key in RULES.sources} <= set(page.links)


def test_anchors_are_unique_and_every_link_within_the_page_finds_one(page: Page) -> None:
    assert len(page.ids) == len(set(page.ids))
    within = {link.removeprefix("#") for link in page.links if link.startswith("#")}
    assert len(within) > len(RULES.criteria)
    assert within <= set(page.ids)
    assert {f"criterion-{each.id}" for each in RULES.criteria} <= set(page.ids)
    assert {f"question-{each}" for each in RULES.items} <= set(page.ids)


def test_there_is_no_inline_style_and_no_inline_script(html: str) -> None:
    assert not re.search(r"\sstyle\s*=", html)
    assert "<style" not in html
    assert not re.search(r"\son\w+\s*=", html)
    assert re.findall(r"<script[^>]*>(.*?)</script>", html, re.DOTALL) == [""]


def test_it_can_be_reached_from_every_page(app: Flask) -> None:
    for address in ("/", "/about", "/sources/", "/rules"):
        assert "/rules" in Page(app.test_client().get(address).text).links


def test_an_overdue_review_is_said_aloud_for_each_file(
    page: Page, page_of: Callable[..., Page]
) -> None:
    assert "overdue" not in page.text.lower()
    late = page_of(RULES, TODAY=lambda: RULES.parts[0].review_by + dt.timedelta(days=1))
    assert late.text.count("Review overdue.") == len(RULES.parts)


def small() -> Ruleset:
    high = Not(part=at_least_number("b", 4))
    return ruleset(
        [item("a"), number("b")],
        [criterion("one", Tier.EXCLUSION, yes("a")), criterion("two", Tier.CAUTION, high)],
    )


def test_a_review_on_its_very_day_is_not_overdue(page_of: Callable[..., Page]) -> None:
    rules = small()
    on_the_day = page_of(rules, TODAY=lambda: rules.parts[0].review_by)
    assert "overdue" not in on_the_day.text.lower()


def test_rules_without_cases_say_so(page_of: Callable[..., Page]) -> None:
    assert "No examples are known for these rules." in page_of(small()).text


def test_cases_that_name_what_the_rules_do_not_are_not_counted(
    page_of: Callable[..., Page], tmp_path: Path
) -> None:
    (tmp_path / "toy.examples.yaml").write_text(
        "examples_of: other\nas_of: 2026-11-20\nexamples: {}\n"
    )
    text = page_of(small(), RULES=tmp_path).text
    assert "No examples are known for these rules." in text


def test_a_case_that_differs_from_what_its_author_expects_is_told(
    page_of: Callable[..., Page], tmp_path: Path
) -> None:
    examples = "examples_of: toy\nas_of: 2026-11-20\nexamples:\n"
    examples += "  good: {answers: {a: no, b: 5}, expect: {outcome: met}}\n"
    examples += "  bad: {answers: {a: no, b: 3}, expect: {outcome: met}}\n"
    (tmp_path / "toy.examples.yaml").write_text(examples)
    text = page_of(small(), RULES=tmp_path).text
    assert "2 examples were written by hand" in text
    assert "Not as expected: 1 of 2." in text


def test_rules_without_an_open_outcome_have_no_side_branch(page_of: Callable[..., Page]) -> None:
    text = page_of(replace(small(), open_outcome=None)).text
    assert "A dashed line beside all steps" not in text
    assert "While missing answers leave more than one" not in text


def test_words_that_are_the_same_for_both_are_not_said_twice(page_of: Callable[..., Page]) -> None:
    rules = small()
    same = tuple(
        replace(each, say=replace(each.say, patient=each.say.nurse)) for each in rules.criteria
    )
    one = page_of(rules).text.count("To the patient")
    assert page_of(replace(rules, criteria=same)).text.count("To the patient") == one - 2


def test_answers_that_cannot_all_be_true_are_listed_with_their_words(html: str) -> None:
    section = html.partition('id="consistency"')[2].partition("</section>")[0]
    text = Page(section).text
    assert RULES.consistency
    for rule in RULES.consistency:
        assert f'id="consistency-{rule.id}"' in section
        assert rule.say.nurse in text
        assert f"To the patient: {rule.say.patient}" in text
        assert words_of_check(rule.check, RULES.items) in text
    assert RULES.contradiction_outcome
    assert f'id="outcome-{RULES.contradiction_outcome.id}"' in html
