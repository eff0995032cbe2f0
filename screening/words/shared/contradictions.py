"""Which answers cannot all be true, in words."""

from screening.core.results.assess import Assessment
from screening.core.rules.consistency import Contradiction
from screening.core.values.wording import Audience
from screening.translation import gettext
from screening.words.shared.answers import words_of_answer
from screening.words.shared.lists import join_name


def words_of_contradictions(assessment: Assessment, audience: Audience) -> tuple[str, ...]:
    """Which answers cannot all be true, and why, a sentence or two for each contradiction."""
    return tuple(_said(assessment, each, audience) for each in assessment.contradictions)


def _said(assessment: Assessment, found: Contradiction, audience: Audience) -> str:
    items, answers = assessment.ruleset.items, assessment.answers
    said = [
        join_name(items[each].name, words_of_answer(items[each], answers[each], audience))
        for each in found.items
    ]
    if found.rule.reads_birth_year and assessment.birth_year is not None:
        said.append(gettext("recorded birth year: {year}", year=assessment.birth_year))
    why = found.rule.say.to(audience)
    return gettext("{why} Answered: {answers}.", why=why, answers="; ".join(said))
