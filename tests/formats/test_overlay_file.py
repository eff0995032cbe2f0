"""Overlays: the words of patients, each problem with its place, and what is missing or stale."""

import pytest
from support.pages.pseudo_language import Pseudo

from screening.core.rules.patient_words import PatientText
from screening.formats.languages.reviewed import digest_of_translation
from screening.formats.rules.overlay_file import Overlay, read_overlay
from screening.formats.rules.overlay_text import unreviewed, write_overlay

ASK = PatientText(file="q", key="items.leg.ask", text="Is a leg weak?", emergency=True)
WHY = PatientText(file="q", key="items.leg.why", text="It may last 6 weeks.")
ONE = PatientText(file="q", key="items.leg.choices.left", text="Left")
TWO = PatientText(file="q", key="items.leg.choices.right", text="Right")
TEXTS = (ASK, WHY, ONE, TWO)
SAID = {
    "items.leg.ask": "¿Débil?",
    "items.leg.why": "Dura 6 semanas.",
    ONE.key: "Una",
    TWO.key: "Otra",
}
HEAD = "language: es\nchecked_by: Ana\nwords:\n"


def entry(text: PatientText, said: str | None = None, of: str | None = None) -> str:
    words = SAID[text.key] if said is None else said
    digest = of or digest_of_translation("es", text.key, text.text, words)
    return f'  {text.key}: {{of: "{digest}", text: "{words}"}}\n'


def read(text: str) -> Overlay:
    return read_overlay("es/q.yaml", text.encode(), "es", TEXTS)


def problems(text: str) -> list[tuple[str, int, int]]:
    return [(each.code, each.place.line, each.place.column) for each in read(text).problems]


WHOLE = HEAD + "".join(map(entry, TEXTS))


def test_words_are_read_by_their_keys() -> None:
    overlay = read(WHOLE)
    assert overlay.words == SAID
    assert overlay.checked_by == "Ana"
    assert (overlay.problems, overlay.gaps) == ((), ())


def test_a_text_whose_english_changed_has_to_be_reviewed() -> None:
    earlier = digest_of_translation("es", WHY.key, "It may last 6 days.", SAID[WHY.key])
    overlay = read(WHOLE.replace(entry(WHY), entry(WHY, of=earlier)))
    (gap,) = overlay.gaps
    assert gap.problem.code == "not-reviewed"
    assert (gap.problem.place.line, gap.emergency) == (5, False)
    assert digest_of_translation("es", WHY.key, WHY.text, SAID[WHY.key]) in gap.problem.hint
    assert WHY.key not in overlay.words


def test_a_translation_that_was_changed_has_to_be_reviewed() -> None:
    overlay = read(WHOLE.replace("¿Débil?", "¿Fuerte?"))
    assert [(gap.problem.code, gap.emergency) for gap in overlay.gaps] == [("not-reviewed", True)]


def test_two_choices_whose_words_were_exchanged_have_to_be_reviewed() -> None:
    swapped = WHOLE.replace('"Una"', '"x"').replace('"Otra"', '"Una"').replace('"x"', '"Otra"')
    assert [gap.problem.code for gap in read(swapped).gaps] == ["not-reviewed", "not-reviewed"]
    of = [digest_of_translation("es", key, "Left", "Una") for key in (ONE.key, TWO.key)]
    assert of[0] != of[1]  # so whole entries cannot be exchanged either


def test_a_text_that_is_left_in_english_is_not_translated() -> None:
    left = WHOLE.replace(entry(ASK), entry(ASK, "is a  leg weak?"))
    assert [(gap.problem.code, gap.emergency) for gap in read(left).gaps] == [
        ("untranslated", True)
    ]
    assert read(WHOLE.replace(entry(ONE), entry(ONE, "Left"))).gaps == ()


def test_a_text_that_is_empty_or_not_there_is_missing() -> None:
    overlay = read(HEAD + entry(ASK, "") + entry(WHY) + entry(ONE))
    assert [(gap.problem.code, gap.emergency) for gap in overlay.gaps] == [
        ("untranslated", True),
        ("missing-words", False),
    ]
    assert overlay.problems == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (WHOLE + entry(ASK).replace("ask", "aks"), ("unknown-field", 8, 3)),
        (WHOLE + "  items.leg.worse: yes\n", ("unknown-field", 8, 3)),
        (WHOLE + "criteria: {}\n", ("unknown-field", 8, 1)),
        (WHOLE + entry(ASK), ("duplicate-key", 8, 3)),
        (WHOLE.replace("language: es", "language: fr"), ("wrong-name", 1, 11)),
        (WHOLE.replace("checked_by: Ana\n", ""), ("missing-field", 1, 1)),
        (WHOLE.replace("¿Débil?", "¿ ?"), ("empty-text", 4, 41)),
        (WHOLE.replace("¿Débil?", "muy " * 26 + "débil"), ("too-long", 4, 41)),
        (WHOLE.replace("6 semanas", "8 semanas"), ("other-numbers", 5, 41)),
        (WHOLE.replace(entry(TWO), entry(TWO, "una")), ("same-words", 7, 51)),
        (WHOLE.replace("text: ", "words: ", 1), ("unknown-field", 4, 35)),
        (HEAD.replace("words:\n", "words: [a]\n"), ("wrong-shape", 3, 8)),
        (WHOLE + "  x: &a b\n", ("anchor", 8, 6)),
    ],
    ids=lambda each: each[0] if isinstance(each, tuple) else "",
)
def test_a_problem_has_its_place(text: str, problem: tuple[str, int, int]) -> None:
    assert problem in problems(text)


def test_a_misspelt_key_is_told_the_nearest_one() -> None:
    (problem,) = read(WHOLE + entry(ASK).replace("ask", "aks")).problems
    assert problem.hint == "did you mean `items.leg.ask`?"


def test_what_rules_are_decided_by_has_no_place_here() -> None:
    (problem,) = read(WHOLE + "  tier: emergency\n").problems
    assert problem.message == "no text of a patient is called `tier`"
    assert problem.hint == "an overlay holds words of patients only; all else is in the rule file"


def test_numbers_are_compared_in_digits_of_any_script() -> None:
    assert read(WHOLE.replace("6 semanas", "٦ أسابيع")).problems == ()


def test_a_file_without_end_of_problems_is_missing_all() -> None:
    overlay = read(HEAD + "".join(f"  x{each}: y\n" for each in range(300)))
    assert overlay.words == {}
    assert len(overlay.gaps) == len(TEXTS)
    assert overlay.problems[-1].code == "too-many-problems"


def test_a_skeleton_has_every_text_with_its_english() -> None:
    text = write_overlay("q", "es", TEXTS)
    assert "  # EMERGENCY: Is a leg weak?\n  items.leg.ask:\n" in text
    overlay = read(text)
    assert overlay.problems == ()
    assert {gap.problem.code for gap in overlay.gaps} == {"untranslated"}
    assert len(overlay.gaps) == len(TEXTS)


def test_what_is_translated_is_kept_and_what_nobody_has_reviewed_is_marked() -> None:
    before = (
        WHOLE.replace(entry(WHY), entry(WHY, of="00000000"))
        + "  items.gone.ask: {of: a, text: b}\n"
    )
    assert list(unreviewed("es", TEXTS, before.encode())) == [(WHY, SAID[WHY.key])]
    text = write_overlay("q", "es", TEXTS, before.encode())
    assert f"# REVIEW: {WHY.text}" in text
    assert "gone" not in text
    after = read(text)
    assert (after.words, after.checked_by) == (
        {k: v for k, v in SAID.items() if k != WHY.key},
        "Ana",
    )
    assert write_overlay("q", "es", TEXTS, text.encode()) == text
    accepted = write_overlay("q", "es", TEXTS, text.encode(), accept=True)
    assert "# REVIEW:" not in accepted
    assert read(accepted).words == SAID


def test_a_text_with_signs_of_yaml_is_written_so_that_it_can_be_read() -> None:
    said = 'Dice: "6" # semanas, {así} - ¿no?'
    quoted = said.replace('"', '\\"')
    changed = WHOLE.replace(SAID[WHY.key], quoted).encode()
    text = write_overlay("q", "es", TEXTS, changed, accept=True)
    assert read(text).words[WHY.key] == said


def test_two_choices_with_the_same_words_are_not_used() -> None:
    """A patient could not tell them apart."""
    overlay = read(WHOLE.replace(entry(TWO), entry(TWO, "una")))
    assert not {ONE.key, TWO.key} & set(overlay.words)
    assert [gap.problem.code for gap in overlay.gaps] == ["same-words", "same-words"]


def test_letters_of_another_language_are_words() -> None:
    said = Pseudo().gettext(ASK.text)
    assert read(WHOLE.replace(entry(ASK), entry(ASK, said))).words[ASK.key] == said


def test_the_words_of_another_language_were_not_reviewed_for_this_one() -> None:
    overlay = read_overlay("fr/q.yaml", WHOLE.encode(), "fr", TEXTS)
    assert {gap.problem.code for gap in overlay.gaps} == {"not-reviewed"}
    assert len(overlay.gaps) == len(TEXTS)
    assert [each.code for each in overlay.problems] == ["wrong-name"]
