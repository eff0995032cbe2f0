"""Assessments as they were stored: read back under the ruleset that was recorded with them."""

from dataclasses import dataclass

from flask import current_app

from screening.core.results.assess import Assessment
from screening.core.rules.ruleset import Ruleset
from screening.formats.documents.recorded_assessment import read_explanation
from screening.proof.explanation.reasons import Explanation
from screening.records.case.assessment_rows import StoredAssessment
from screening.records.rules.recorded import load_recorded_ruleset
from screening.translation import gettext
from screening.web.shell.context import page_context, records

KEPT = 8
"""The number of recorded rulesets that stay read; to read and prove one takes a second."""


@dataclass(frozen=True, slots=True)
class RecordedResult:
    """A stored assessment, whole, as it was computed."""

    stored: StoredAssessment
    assessment: Assessment
    explanation: Explanation

    @property
    def same_when_replayed(self) -> bool:
        """True if judging the stored answers again by the recorded rules gives what was stored."""
        return self.stored.sealed.is_same_by(self.assessment.ruleset)

    @property
    def outcome_name(self) -> str:
        """The computed outcome in a few words."""
        outcome = self.assessment.outcome
        return outcome.name if outcome else gettext("More information needed")


def open_result(stored: StoredAssessment) -> RecordedResult:
    """Read a stored assessment back; nothing of it is computed again."""
    ruleset, content = recorded_ruleset(stored.ruleset_digest), stored.content
    assessment = stored.sealed.read(ruleset)
    explanation = read_explanation(content["explanation"], ruleset, assessment.as_of)
    return RecordedResult(stored, assessment, explanation)


def recorded_ruleset(digest: str) -> Ruleset:
    """The ruleset of a digest: the one in use, else as its texts were recorded."""
    if digest == page_context().ruleset.digest:
        return page_context().ruleset
    kept: dict[str, Ruleset] = current_app.extensions.setdefault("recorded_rulesets", {})
    if digest not in kept:
        found = load_recorded_ruleset(records(), digest)
        while len(kept) >= KEPT:
            kept.pop(next(iter(kept)), None)
        kept[digest] = found
    return kept[digest]
