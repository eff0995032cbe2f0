"""The way of patients through the questions, where it differs from the order of the questions."""

from dataclasses import dataclass

from screening.core.rules.item import Item, Section
from screening.core.values.wording import Wording

REPORT = "scan-report"
"""The id of the question for the report; no item has one with a hyphen."""
SECTION = "patient-path"


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientPath:
    """The question that comes first for patients, and those that need the report of a scan.

    ``first`` is the item right after the emergency signs. ``report`` asks, where its ``ask_if``
    holds, for the papers that the patient has at hand; it decides nothing. Both are shown under
    ``title``. Without the papers nothing is put that only they or a clinician can tell, and none
    of ``with_report``. All of it is presentation: what is not put is unknown.
    """

    title: Wording
    first: str
    report: Item
    with_report: frozenset[str] = frozenset()

    @property
    def section(self) -> Section:
        """The section of both questions, which patients alone see."""
        return Section(id=SECTION, title=self.title)
