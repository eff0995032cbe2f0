"""A case as one request sees it: each part of it is read and opened once, when it is asked for."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from screening.records.access import Actor
from screening.records.case.assessment_content import Content
from screening.records.case.assessment_rows import StoredAssessment, read_assessments
from screening.records.case.case_rows import Case, case_of, load_case, unseal_case
from screening.records.case.case_summary import Summary, unseal_summary
from screening.records.case.chase_rows import Chase, chases_of
from screening.records.case.history import Change, History, extend_history
from screening.records.case.newest import newest_answer_version
from screening.records.case.unreadable import sealed_or_changed
from screening.records.errors import ErasedError, NoAssessmentError
from screening.records.ledger.records import Records
from screening.records.sealing.vault import DataKey
from screening.records.storage.tables import AssessmentRow, CaseRow, ChaseRow


@dataclass(slots=True)
class _Parts:
    """The parts of a case that were read, as they were at one version."""

    case: Case
    summary: Summary
    chases: dict[str, Chase] | None = None
    assessments: tuple[StoredAssessment, ...] | None = None


class CaseView:
    """A case as one request of one person sees it.

    A write takes it, checks everything again on the locked row, and makes it forget what the write
    may have changed. What never changes is never opened twice: the history of the answers is read
    on from where it was, and a recorded assessment stays open.
    """

    def __init__(self, records: Records, actor: Actor, case_id: str) -> None:
        """Read the case itself.

        Raises:
            NoCaseError: if there is none that the person may see.
        """
        self.records, self.actor, self.id = records, actor, case_id
        self._key: DataKey | None
        self._read: _Parts | None = self._load()
        self._history = History()
        self._contents: dict[str, Content] = {}

    @property
    def case(self) -> Case:
        """The case as lists and pages show it.

        Raises:
            NoCaseError: if the person sees no such case.
        """
        return self._parts.case

    @property
    def key(self) -> DataKey:
        """The key of the case.

        Raises:
            ErasedError: if it was erased.
        """
        if self._key is None:
            raise ErasedError
        return self._key

    @property
    def history(self) -> History:
        """Every change of an answer up to the case's version.

        Raises:
            NoCaseError: if the person sees no such case.
            ErasedError: if it was erased.
            SealError: if an answer was changed or taken away.
        """
        found = self.history_until(self.case.version)
        found.check_count(self._parts.summary.answer_count)
        return found

    @property
    def chases(self) -> dict[str, Chase]:
        """The chases of the case by link id, the earliest due first.

        Raises:
            NoCaseError: if the person sees no such case.
            ErasedError: if it was erased.
        """
        if self._parts.chases is None:
            self._parts.chases = self._load_chases()
        return self._parts.chases

    @property
    def answer_version(self) -> int:
        """The version that the newest answer of the case made; 0 without one.

        Raises:
            NoCaseError: if the person sees no such case.
        """
        sealed = self._parts.summary.answer_version
        if sealed is not None:
            return sealed
        with self.records.database.reading() as session:
            return newest_answer_version(session, self.id)

    @property
    def assessments(self) -> tuple[StoredAssessment, ...]:
        """All assessments of the case, the first first.

        Raises:
            NoCaseError: if the person sees no such case.
            ErasedError: if it was erased.
            SealError: if one of them, or a decision, was changed.
        """
        if self._parts.assessments is None:
            name = f"assessments/{self.id}"
            with self.records.database.reading() as session, sealed_or_changed(name):
                found = read_assessments(session, self.key, self.content_of)
            self._parts.assessments = found
        return self._parts.assessments

    def assessment(self, number: int) -> StoredAssessment:
        """One of them.

        Raises:
            NoAssessmentError: if the case has none of that number.
            NoCaseError, ErasedError: as of all of them.
        """
        for each in self.assessments:
            if each.number == number:
                return each
        raise NoAssessmentError

    def history_until(self, version: int) -> History:
        """The same up to a version that the case has or had.

        Raises:
            ErasedError: if the case was erased.
        """
        if self._history.version < version:
            with self.records.database.reading() as session:
                self.read_history(session, version)
        return self._history.until(version)

    def content_of(self, row: AssessmentRow) -> Content:
        """The content of an assessment of the case, the same whenever it is asked for."""
        return self._contents.setdefault(row.id, Content(self.key, row))

    def read_history(self, session: Session, version: int) -> History:
        """The same as a part of a write, which may find a later version than was read."""
        if self._history.version < version:
            with sealed_or_changed(f"answers/{self.id}"):
                self._history = extend_history(session, self.key, self._history, version)
        return self._history

    def continue_history(self, version: int, made: Iterable[Change]) -> None:
        """Add the changes of a write of this request that made a version and was kept."""
        self._history = self._history.followed_by(made, version)

    def forget(self) -> None:
        """Read again, when it is next asked for, what may have changed."""
        self._read = None

    @property
    def _parts(self) -> _Parts:
        if self._read is None:
            self._read = self._load()
        return self._read

    def _load(self) -> _Parts:
        with self.records.database.reading() as session:
            found = load_case(session, self.actor, self.id)
        self._key, summary = unseal_case(self.records.keyring(), found)
        return _Parts(case_of(found, summary), summary)

    def _load_chases(self) -> dict[str, Chase]:
        """Read the chases, with the case as it is by then: its summary names their questions."""
        chased = select(CaseRow, ChaseRow).outerjoin(ChaseRow, ChaseRow.case_id == CaseRow.id)
        with self.records.database.reading() as session, sealed_or_changed(f"chases/{self.id}"):
            found = session.execute(chased.where(CaseRow.id == self.id)).all()
            row, rows = found[0][0], [each for _, each in found if each is not None]
            same = row.version == self.case.version
            summary = self._parts.summary if same else unseal_summary(self.key, row)
            return chases_of(self.key, summary, rows)


def open_case(records: Records, actor: Actor, case_id: str) -> CaseView:
    """The case as a request of a person sees it.

    Raises:
        NoCaseError: if there is none that the person may see.
    """
    return CaseView(records, actor, case_id)
