"""Messages that ask for missing answers, ready to copy: for the patient, the practice and others.

Each says no more than it needs: a reference, and for professionals a birth year. It holds no name
and no answer, and to a patient none of the questions that are marked ``sensitive``.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from screening.core.rules.item import Finder, Item
from screening.core.values.wording import Audience
from screening.translation import Phrases, gettext, mark, ngettext

OPENINGS = Phrases(
    {
        Finder.PATIENT: "We need some information before we can continue with your referral.",
        Finder.REPORT: "Please tell us what the imaging report says about:",
        Finder.RECORDS: "Please tell us what your records say about:",
        Finder.CLINICIAN: "Please tell us what your examination showed for:",
        Finder.OPERATOR: "To help us complete the screening, please tell us about:",
    }
)
REFERENCE = mark("Reference: {reference}")
BORN = mark("Reference: {reference}. Year of birth of the patient: {year}")
NO_WAIT_PATIENT = mark(
    "If the answer to any of these is yes, call {number} or go to an emergency department now. Do"
    " not wait for us."
)
NUMBER = mark("your local emergency number")
SIGNS_FIRST = mark("Please phone us today about these. They may be signs of an emergency:")
UNSURE_PATIENT = mark("If you are not sure, just tell us. That helps too.")
UNSURE = mark("If anything is not known, please say so.")
THANKS = mark("Thank you.")


def words_of_message(  # noqa: PLR0913 - no more of a referral than a message may say
    finder: Finder,
    reference: str,
    birth_year: int | None,
    items: Sequence[Item],
    signs: AbstractSet[str],
    *,
    emergency_number: str | None = None,
) -> str:
    """The message to a finder, in paragraphs.

    Args:
        finder: who reads it.
        reference: the reference number of the referral.
        birth_year: that of the patient, which is left out where the patient reads it.
        items: the questions.
        signs: the link ids of the emergency signs, which are asked first.
        emergency_number: the number that a patient calls in an emergency, if it is known.
    """
    grave = [each for each in items if each.link_id in signs]
    rest = [each for each in items if each.link_id not in signs]
    if finder is Finder.PATIENT:
        parts = _to_patient(reference, grave, rest, emergency_number or gettext(NUMBER))
    else:
        parts = _to_professional(finder, _subject(reference, birth_year), grave, rest)
    return "\n\n".join([gettext("Hello,"), *filter(None, parts), gettext(THANKS)])


def _to_patient(
    reference: str, grave: Sequence[Item], rest: Sequence[Item], number: str
) -> list[str]:
    open_ones = [each for each in rest if not each.sensitive]
    private = len(rest) - len(open_ones)
    by_phone = ngettext(
        "We would also like to ask you one question by phone. You do not have to answer it.",
        "We would also like to ask you {count} questions by phone. You do not have to answer them.",
        private,
    )
    return [
        "\n".join([OPENINGS[Finder.PATIENT], gettext(REFERENCE, reference=reference)]),
        _list(_asked(grave)),
        gettext(NO_WAIT_PATIENT, number=number) if grave else "",
        _list(_asked(open_ones)),
        by_phone if private else "",
        gettext(UNSURE_PATIENT) if grave or open_ones else "",
    ]


def _to_professional(
    finder: Finder, subject: str, grave: Sequence[Item], rest: Sequence[Item]
) -> list[str]:
    named = _list([each.name for each in rest])
    return [
        subject,
        "\n".join([gettext(SIGNS_FIRST), _list([each.name for each in grave])]) if grave else "",
        "\n".join([OPENINGS[finder], named]) if named else "",
        gettext(UNSURE),
    ]


def _subject(reference: str, birth_year: int | None) -> str:
    if birth_year is None:
        return gettext(REFERENCE, reference=reference)
    return gettext(BORN, reference=reference, year=birth_year)


def _asked(items: Sequence[Item]) -> list[str]:
    return [each.ask.to(Audience.PATIENT) for each in items]


def _list(lines: Sequence[str]) -> str:
    return "\n".join(f"- {each}" for each in lines)
