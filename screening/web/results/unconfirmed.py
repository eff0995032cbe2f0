"""Results that the ledger does not confirm: somebody may have changed them in the database."""

from collections.abc import Iterable, Mapping

from screening.records.casework.assessment_rows import StoredAssessment
from screening.records.verification.confirmation import (
    DECISION,
    OTHER_RESULT,
    RESULT,
    RULES,
    unconfirmed_parts,
)
from screening.translation import Phrases, gettext
from screening.web.shell.context import records

UNCONFIRMED_WORDS = Phrases(
    {
        RESULT: "this result",
        OTHER_RESULT: "another result of this case",
        DECISION: "a decision on this case",
        RULES: "the rules of this result",
    }
)


def words_of_unconfirmed(parts: Iterable[str]) -> str:
    """The parts that may have been changed, and what to do."""
    changed = ", ".join(UNCONFIRMED_WORDS[part] for part in parts)
    return gettext(
        "Somebody may have changed {changed} in the database. Do not rely on it; tell the people"
        " who run this service."
    ).format(changed=changed)


def unconfirmed(kept: Iterable[StoredAssessment]) -> Mapping[int, str]:
    """By number, what to say of each result that the ledger does not confirm."""
    numbers = {stored.id: stored.number for stored in kept}
    found = unconfirmed_parts(records(), list(numbers))
    return {numbers[row_id]: words_of_unconfirmed(parts) for row_id, parts in found.items()}
