"""In another language every sentence about a result is in it, and nothing that is recorded is."""

import datetime as dt
import json
import re
from collections.abc import Iterator

import pytest
from support import catalogue
from support.pages.pseudo_language import Pseudo
from support.rulesets import shipped

from screening.core.compiled.model import model_of
from screening.core.results.assess import Assessment, assess
from screening.core.results.decision import CHOICES, Grounds, Refusal, SignAges
from screening.core.results.result import deciding_criteria
from screening.core.values.wording import Audience
from screening.formats.documents.answers_json import write_assessment, write_explanation
from screening.formats.documents.recorded_assessment import write_trace
from screening.proof.checks.weakness import Fault, Weakness
from screening.proof.explanation.reasons import Explainer, Explanation
from screening.translation import reading_in
from screening.words.auditor.trace import trace_lines
from screening.words.auditor.weaknesses import words_of_weakness
from screening.words.nurse import criteria, decision, needs, reasons, result
from screening.words.patient.advice import IN_DOUBT
from screening.words.shared.conditions import words_of_condition
from screening.words.shared.contradictions import words_of_contradictions

WORD = re.compile(r"[A-Za-z]{2,}")
RULES = shipped.ruleset()
EXAMPLES = [*shipped.examples().values()][::6]
LATER = dt.timedelta(days=400)


@pytest.fixture(scope="module")
def own() -> list[str]:
    """What rules say, as sentences quote it, the longest first."""
    items = RULES.items.values()
    said = {wording.nurse for each in RULES.criteria for wording in (each.say, each.flag_text)}
    said |= {text.partition(". ")[0].rstrip(".") for text in said}
    said |= {part for text in said for part in text.split("; ")}
    said |= {each.say.nurse for each in RULES.consistency} | {each.name for each in RULES.results}
    said |= {part.id for part in RULES.parts} | {part.title.nurse for part in RULES.parts}
    for item in items:
        said |= {item.name, item.unit, item.unit.removesuffix("s")}
        said |= {words.nurse for words in item.choices.values()}
    return sorted(said - {""}, key=len, reverse=True)


def sentences(found: Assessment, explanation: Explanation) -> Iterator[str]:
    items, today = RULES.items, found.as_of + LATER
    yield reasons.words_of_reason(found, explanation)
    yield reasons.words_of_idle_answers(found, explanation)
    yield from reasons.words_of_changes(found, explanation)
    yield result.reason_sentence(found)
    yield result.settled_sentence(found)
    yield result.closing_sentence(found, today)
    yield from result.words_of_cautions(RULES, found.as_of, today)
    yield from result.words_of_older_signs(found.as_of - LATER, found.as_of)
    yield from words_of_contradictions(found, Audience.NURSE)
    yield needs.words_of_signs_not_ruled_out(found)
    for need in needs.words_of_needed(found, explanation):
        yield from (need.effect, need.missing, need.who)
    for each in deciding_criteria(found):
        yield criteria.strength_words(each.criterion)
        yield criteria.words_of_support(each.criterion, RULES)
        yield words_of_condition(each.criterion.condition, items, Audience.NURSE)
        for line in trace_lines(each.finding, items, found.answers):
            yield from (line.words, line.answer)


def english(text: str, own: list[str]) -> list[str]:
    """The words of a sentence that are in English and not the rules' own."""
    for said in own:
        text = text.replace(said, " ")
    return WORD.findall(text)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_every_sentence_about_a_result_is_in_the_readers_language(
    number: int, own: list[str]
) -> None:
    example, explainer = EXAMPLES[number], Explainer(model_of(RULES))
    found = assess(RULES, example.answers, example.as_of)
    explanation = explainer.explain(example.answers, example.as_of)
    with reading_in(Pseudo()):
        said = list(sentences(found, explanation))
    assert any(said)
    assert [text for text in said if english(text, own)] == []


def test_decisions_refusals_and_weaknesses_are_in_the_readers_language() -> None:
    example = EXAMPLES[0]
    found = assess(RULES, example.answers, example.as_of)
    day = example.as_of
    grounds = Grounds.of(
        found,
        day=day,
        same_result=True,
        needs_handover=False,
        sign_ages=SignAges(day),
        clock_behind=False,
    )
    with reading_in(Pseudo()):
        said = [decision.words_of_refusal(each, grounds) for each in Refusal]
        said += [decision.words_of_choice(each) for each in CHOICES.values()]
        said += [decision.words_of_decision(each) for each in CHOICES.values()]
        said += [words_of_weakness(Weakness("", each, "1")) for each in Fault]
    assert [text for text in said if not text or WORD.search(text)] == []


def test_what_is_recorded_is_the_same_in_every_language() -> None:
    explainer = Explainer(model_of(RULES))

    def recorded() -> list[str]:
        made: list[str] = []
        for example in EXAMPLES:
            found = assess(RULES, example.answers, example.as_of)
            explanation = explainer.explain(example.answers, example.as_of)
            written = write_assessment(found), write_trace(found), write_explanation(explanation)
            made.append(json.dumps(written))
        return made

    before = recorded()
    with reading_in(Pseudo()):
        assert recorded() == before


def test_the_catalogue_has_the_messages_of_code_and_templates() -> None:
    found = catalogue.messages()
    texts = {each.text for each in found}
    assert {IN_DOUBT, "Arrange emergency assessment now.", "Skip to main content"} <= texts
    assert catalogue.Message("{count} day", "{count} days") in found
    text = catalogue.written(found)
    assert '\nmsgid "{count} day"\nmsgid_plural "{count} days"\nmsgstr[0] ""\n' in text
    assert text.count("\nmsgid ") == len(found)
