"""The words of a letter around its result: those that a person wrote, or the usual ones."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from werkzeug.datastructures import MultiDict

from screening.core.results.assess import Assessment
from screening.core.results.decision import Choice, Decision
from screening.core.results.result import deciding_criteria
from screening.formats.referrals.text import clean_lines
from screening.records.case.assessment_rows import StoredAssessment
from screening.records.case.case_rows import Case
from screening.records.casework.letters import Letter, WrittenLetter
from screening.records.errors import UnfitFieldError
from screening.translation import gettext, mark
from screening.web.shell.words import capital

SALUTATION = mark("Dear colleague")
ACT_FIRST = mark("Please act on the red flag above first.")
ASK_AGAIN = mark("Please ask this patient again about: {signs} (answered yes, then changed).")
FOR_INFORMATION = mark(
    "Please keep this letter for your information. No decision has been recorded yet."
)
NOT_YET = mark("Please do not rely on this result: we need to screen this patient again first.")
OVERTAKEN = mark(
    "Not saved: somebody has saved another letter since you opened this page. The letter shows it."
    " What you typed is still in the form: save it again to replace theirs."
)
PROCEDURE_TEAM = mark("Procedure team")
REQUESTS: Mapping[Decision, str] = {
    Decision.REFER: mark(
        "Please see this patient, and decide with them whether the procedure is right for them."
    ),
    Decision.ASK_MORE: mark(
        "Please send us what is missing, so that we can screen this patient again."
    ),
    Decision.DO_NOT_REFER: mark(
        "We are not referring this patient for the procedure at present. Please plan their further"
        " care with them."
    ),
}
"""By decision, what the reader of the letter is usually asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterGrounds:
    """All that the usual words of a letter rest on.

    ``outdated`` says that nobody may be referred on the strength of the result any more, and
    ``flagged`` that it has a red flag, or that an emergency waits for its handover. ``changed`` has
    the ids and names of the emergencies that were handed over and whose answer then changed.
    """

    reviews: int
    outdated: bool
    flagged: bool
    changed: Mapping[str, str]

    @property
    def basis(self) -> str:
        """The same as one word, to be kept with a letter."""
        changed = "".join(f":{each}" for each in self.changed)  # kept letters mostly have none
        return f"{self.reviews}:{self.outdated:d}:{self.flagged:d}{changed}"

    @property
    def first_requests(self) -> list[str]:
        """The reader's tasks that come before those of the decision."""
        asked = [gettext(ACT_FIRST)] if self.flagged else []
        signs = ", ".join(self.changed.values())
        return [*asked, gettext(ASK_AGAIN, signs=signs)] if signs else asked


@dataclass(frozen=True, slots=True)
class LetterForm:
    """The words of a letter as they are in its form, and what is wrong with them."""

    letter: Letter
    error: str = ""
    error_at: str = ""

    @classmethod
    def read(cls, posted: MultiDict[str, str]) -> "LetterForm":
        """Read a posted form. Lines end with a line feed, however the browser ended them."""
        fields = ("addressee", "salutation", "message", "request")
        return cls(
            Letter(**{name: clean_lines(posted.get(f"letter-{name}", "")) for name in fields}),
        )

    def refused(self, error: UnfitFieldError) -> "LetterForm":
        """The same with why it was refused, and where that can be put right."""
        message = mark("{problem}. Nothing was saved; what you typed is still here.")
        said = gettext(message, problem=capital(str(error)))
        return LetterForm(self.letter, error=said, error_at=f"letter-{error.field}")

    def overtaken(self) -> "LetterForm":
        """The same, where somebody has saved other words since the page was made."""
        return LetterForm(self.letter, error=gettext(OVERTAKEN), error_at="letter-addressee")


def usual_letter(case: Case, stored: StoredAssessment, grounds: LetterGrounds) -> Letter:
    """The words of a letter that nobody has changed.

    It goes to the procedure team if the patient is referred, and otherwise to the referring clinic.
    """
    refers = not grounds.outdated and _request(stored) == REQUESTS[Decision.REFER]
    return Letter(
        addressee=gettext(PROCEDURE_TEAM) if refers else case.referral.clinic,
        salutation=gettext(SALUTATION),
        message="",
        request=" ".join(
            [*grounds.first_requests, gettext(NOT_YET if grounds.outdated else _request(stored))]
        ),
    )


def kept_letter(written: WrittenLetter | None, usual: Letter, basis: str) -> Letter:
    """The words that somebody saved; to whom and what is asked only if it rests on the same.

    A letter that was written before a decision must not ask for the opposite of it.
    """
    if written is None:
        return usual
    if written.basis == basis:
        return written.letter
    return replace(written.letter, addressee=usual.addressee, request=usual.request)


def cited_kinds(assessment: Assessment) -> list[tuple[str, str]]:
    """The publishers of the sources of all reasons, by what kind of document theirs is."""
    reasons = {*deciding_criteria(assessment)}
    reasons |= {found for found in assessment.findings if found.raises_flag}
    cited = {each.source for found in reasons for each in found.criterion.citations}
    by_kind: dict[str, list[str]] = {}
    for name, source in assessment.ruleset.sources.items():
        if name in cited:
            by_kind.setdefault(source.kind, []).append(source.publisher)
    return [(", ".join(publishers), kind) for kind, publishers in by_kind.items()]


def _request(stored: StoredAssessment) -> str:
    if not stored.reviews:
        return FOR_INFORMATION
    review = stored.reviews[-1]
    choice = Choice(review.decision, review.reason)
    if choice.overrides:
        return REQUESTS[Decision.REFER if choice.refers else Decision.DO_NOT_REFER]
    return REQUESTS[choice.decision]
