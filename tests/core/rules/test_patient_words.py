"""The words of patients are listed once, and another language changes nothing else."""

from dataclasses import replace

from support.rulesets import shipped

from screening.core.results import evaluation
from screening.core.results.assess import assess
from screening.core.rules.patient_words import PatientText, patient_texts, translate
from screening.core.rules.ruleset import Ruleset, Tier
from screening.core.values.answer import Answer
from screening.core.values.wording import Wording

ENGLISH = shipped.ruleset()
TEXTS = patient_texts(ENGLISH)


def marked(text: PatientText) -> str:
    return f"<{text.text}>"


OTHER = translate(ENGLISH, marked)


def test_each_text_has_a_key_of_its_own() -> None:
    keys = {(each.file, each.key) for each in TEXTS}
    assert len(keys) == len(TEXTS)
    assert ("questions", "items.leg_weakness.ask") in keys
    assert ("safety", "criteria.leg_weakness.say") in keys
    assert ("documented", "outcomes.emergency.say") in keys
    assert {each.file for each in TEXTS} == {"questions", "documented", "safety"}


def test_the_emergency_texts_are_what_leads_to_help() -> None:
    grave = {each.key for each in TEXTS if each.emergency}
    for link_id in ENGLISH.items_of(Tier.EMERGENCY):
        assert f"items.{link_id}.ask" in grave
    for criterion in ENGLISH.criteria:
        key = f"criteria.{criterion.id}.say"
        assert (key in grave) == (criterion.tier is Tier.EMERGENCY)
    assert "outcomes.emergency.say" in grave
    assert "items.age.ask" not in grave


def test_only_words_of_patients_are_others() -> None:
    for link_id, item in OTHER.items.items():
        english = ENGLISH.items[link_id]
        assert item.ask == Wording(nurse=english.ask.nurse, patient=f"<{english.ask.patient}>")
        same = replace(item, name=english.name, ask=english.ask, why=english.why)
        same = replace(same, unit=english.unit, help=english.help, choices=english.choices)
        same = replace(same, sign=english.sign, unsure=english.unsure)
        assert same == english
    for criterion, english_one in zip(OTHER.criteria, ENGLISH.criteria, strict=True):
        assert criterion.flag_text.patient == f"<{english_one.flag_text.patient}>"
        same_words = replace(criterion, say=english_one.say, unmet=english_one.unmet)
        assert same_words == english_one
    assert OTHER.digest == ENGLISH.digest
    assert [each.id for each in OTHER.results] == [each.id for each in ENGLISH.results]


def test_sources_keep_their_titles_and_quotations() -> None:
    for key, source in OTHER.sources.items():
        assert replace(source, kind=ENGLISH.sources[key].kind) == ENGLISH.sources[key]
        assert source.kind == f"<{ENGLISH.sources[key].kind}>"
    assert [each.citations for each in OTHER.criteria] == [
        each.citations for each in ENGLISH.criteria
    ]


def test_a_term_has_the_forms_of_the_language() -> None:
    """They are one text, with commas of either script."""
    forms = {"terms.vertebra.forms": "فقرة، فقرات"}
    other = translate(ENGLISH, lambda text: forms.get(text.key, text.text))
    assert other.terms["vertebra"].forms == ("فقرة", "فقرات")
    assert other.terms["vertebra"].say == ENGLISH.terms["vertebra"].say
    assert OTHER.terms["vertebra"].say == f"<{ENGLISH.terms['vertebra'].say}>"


def test_a_result_is_the_same_in_other_words() -> None:
    for example in shipped.examples().values():
        first = assess(ENGLISH, example.answers, example.as_of)
        second = assess(OTHER, example.answers, example.as_of)
        assert second.possible == first.possible
        assert (second.needs, second.set_aside) == (first.needs, first.set_aside)
        assert [each.truth for each in second.findings] == [each.truth for each in first.findings]
        assert {each.criterion.say.patient for each in second.findings} <= said(OTHER)
        assert [each.text.patient for each in second.flags] == [
            f"<{each.text.patient}>" for each in first.flags
        ]
        assert [each.rule.say.patient for each in second.contradictions] == [
            f"<{each.rule.say.patient}>" for each in first.contradictions
        ]


def said(ruleset: Ruleset) -> set[str]:
    return {each.say.patient for each in ruleset.criteria}


def test_contradictions_are_in_the_readers_words() -> None:
    answers = {
        "disc_herniation": Answer(value=False),
        "disc_pain": Answer(value=True),
        "arthritis": Answer(value=False),
    }
    (found,) = assess(OTHER, answers, shipped.as_of()).contradictions
    assert found.rule.say.patient.startswith("<")
    assert found.items == ("disc_herniation", "disc_pain")


def test_nothing_is_compiled_for_another_language() -> None:
    assess(ENGLISH, {}, shipped.as_of())
    before = evaluation.judge_of.cache_info().misses
    assess(translate(ENGLISH, marked), {}, shipped.as_of())
    assert evaluation.judge_of.cache_info().misses == before
    assert OTHER.logic is ENGLISH
    assert translate(OTHER, marked).logic is ENGLISH


def test_a_part_without_outcomes_has_words_too() -> None:
    part = replace(ENGLISH, open_outcome=None, outcomes=())
    assert translate(part, marked).open_outcome is None


def test_rules_without_a_way_of_their_own_for_patients_have_none_in_other_words() -> None:
    assert (
        translate(replace(ENGLISH, patient_path=None), lambda each: each.text).patient_path is None
    )
