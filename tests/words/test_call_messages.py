"""Messages that ask for missing answers say what is asked, and nothing else about the patient."""

import pytest
from support.rulesets import shipped

from screening.core.rules.item import Finder
from screening.core.rules.ruleset import Tier
from screening.core.values.wording import Audience
from screening.words.nurse.call_messages import words_of_message

RULES = shipped.ruleset()
SIGNS = RULES.items_of(Tier.EMERGENCY)
ITEMS = RULES.items
OTHERS = [each for each in Finder if each is not Finder.PATIENT]


def message(finder: Finder, *links: str, born: int | None = 1951) -> str:
    return words_of_message(finder, "R-7", born, [ITEMS[each] for each in links], SIGNS)


def test_the_patient_reads_questions_in_their_own_words() -> None:
    text = message(Finder.PATIENT, "onset_date", "pain_severity")
    assert (
        "- When did this pain begin, or when did the bone break?\n- How bad is your pain?" in text
    )
    assert text.startswith("Hello,\n\n")
    assert "R-7" in text
    assert "emergency" not in text
    assert "phone" not in text


def test_the_patient_reads_no_birth_year() -> None:
    assert "1951" not in message(Finder.PATIENT, "age")


def test_signs_come_first_and_nobody_waits_with_them() -> None:
    text = message(Finder.PATIENT, "age", "leg_weakness")
    order = ["Has a leg become weak", "call your local emergency number", "How old are you?"]
    assert sorted(order, key=text.index) == order


@pytest.mark.parametrize(
    ("links", "words"),
    [
        (["pregnancy"], "ask you one question by phone"),
        (["pregnancy", "iv_drug_use"], "ask you 2 questions by phone"),
    ],
)
def test_what_others_should_not_read_is_asked_on_the_phone(links: list[str], words: str) -> None:
    text = message(Finder.PATIENT, "age", *links)
    assert words in text
    for each in links:
        assert ITEMS[each].ask.to(Audience.PATIENT) not in text


def test_a_patient_who_is_asked_nothing_in_writing_reads_of_the_phone_alone() -> None:
    text = message(Finder.PATIENT, "pregnancy")
    assert "one question by phone" in text
    assert "do not know" not in text


@pytest.mark.parametrize("finder", OTHERS)
def test_professionals_read_the_questions_by_name(finder: Finder) -> None:
    text = message(finder, "levels", "leg_weakness")
    assert "Reference: R-7. Year of birth of the patient: 1951" in text
    order = ["phone us today", ITEMS["leg_weakness"].name, ITEMS["levels"].name]
    assert sorted(order, key=text.index) == order


def test_signs_alone_have_no_second_list() -> None:
    text = message(Finder.CLINICIAN, "leg_weakness", born=None)
    assert "your examination showed" not in text
    assert "Reference: R-7\n" in text


@pytest.mark.parametrize("finder", Finder)
def test_a_message_holds_nothing_but_its_questions(finder: Finder) -> None:
    """A word list: what the message has beside its questions is the same for everybody."""
    links = [each for each in ITEMS if not ITEMS[each].sensitive]
    full, short = (message(finder, *some) for some in (links, links[:1]))
    known = {line for link in links for line in (ITEMS[link].name, ITEMS[link].ask.patient)}
    lines = {line.removeprefix("- ") for line in full.splitlines()} - known
    fixed = {line.removeprefix("- ") for line in short.splitlines()} - known
    assert fixed <= lines
    assert len(lines - fixed) <= 1  # what opens the second list
    told = " ".join(lines).casefold()
    for word in ("fracture", "vertebroplasty", "kyphoplasty", "cancer", "yes:", "no:", "unknown"):
        assert word not in told


@pytest.mark.parametrize(
    ("number", "said"), [(None, "your local emergency number"), ("999", "999")]
)
def test_a_patient_reads_the_number_to_call_if_it_is_known(number: str | None, said: str) -> None:
    sign = ITEMS[min(SIGNS)]
    message = words_of_message(Finder.PATIENT, "R-7", None, [sign], SIGNS, emergency_number=number)
    assert f"call {said} or go to an emergency department now" in message
