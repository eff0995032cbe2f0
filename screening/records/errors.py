"""The refusals of a reading or a write. Nothing was changed when one of these is raised."""

from screening.core.values.note import NoteFault, NoteRule
from screening.errors import ScreeningError, WrongCallError
from screening.records.access import Permission
from screening.translation import gettext, mark


class NotAllowedError(ScreeningError):
    """No role of the person allows it."""

    def __init__(self, permission: Permission) -> None:
        """Name what is lacking."""
        self.permission = permission
        message = mark("this needs a role that is allowed to {permission}")
        super().__init__(message, permission=permission.value)


class AlteredAccountError(ScreeningError):
    """The ledger does not confirm an account: it was changed outside the application."""

    def __init__(self) -> None:
        """Say what would help."""
        super().__init__(
            mark(
                "this account was changed outside the application; ask the people who run this"
                " service to check it"
            )
        )


class NoCaseError(WrongCallError):
    """There is no such case among those that the person may see."""

    def __init__(self) -> None:
        """Say no more, so that nobody learns which cases others have."""
        super().__init__(mark("there is no such case"))


class NoAssessmentError(WrongCallError):
    """The case has no assessment of that number."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(mark("the case has no such assessment"))


class UnconfirmedError(ScreeningError):
    """The ledger does not confirm a result that is relied on. ``parts``: see ``confirmation``."""

    def __init__(self, parts: tuple[str, ...]) -> None:
        """Keep the parts, and name them."""
        self.parts = parts
        super().__init__(f"the ledger does not confirm: {', '.join(parts)}")


class StaleError(ScreeningError):
    """The case was changed by somebody since the page was made. ``current`` is its version now."""

    def __init__(self, current: int) -> None:
        """Keep the version."""
        self.current = current
        super().__init__(mark("somebody changed this case after you opened the page"))


class ClosedError(ScreeningError):
    """A closed case was to be worked on."""

    def __init__(self) -> None:
        """Say what would help."""
        super().__init__(mark("the case is closed; reopen it first"))


class ErasedError(ScreeningError):
    """The key of the case was destroyed, and with it all that was known of the patient."""

    def __init__(self) -> None:
        """Say that it is for good."""
        super().__init__(mark("the case was erased, and nobody can read it any more"))


class IdempotencyKeyError(ScreeningError):
    """The idempotency key of a write is malformed."""

    def __init__(self) -> None:
        """Say what would help."""
        super().__init__(mark("this form carries no key of ours; open the page again"))


class UnfitFieldError(ScreeningError):
    """Something is too long for the database, or has characters that it cannot keep."""

    def __init__(self, field: str, reason: str) -> None:
        """Name the field, never what it holds."""
        self.field = field
        name = gettext(field.replace("_", " "))
        super().__init__(mark("the {field} cannot be kept: {reason}"), field=name, reason=reason)

    @classmethod
    def of_note(cls, field: str, note: str, rule: NoteRule, fault: NoteFault) -> "UnfitFieldError":
        """Name the field of a note, and the rule that it breaks."""
        reasons = {
            NoteFault.TOO_FEW_LETTERS: mark("it needs at least {letters} letters"),
            NoteFault.TOO_FEW_WORDS: mark("say what happens, in at least {words} words"),
            NoteFault.TOO_LONG: mark("at most {longest:,} characters; this has {count:,}"),
            NoteFault.NOT_TEXT: mark("it has characters that are not text"),
        }
        facts = {"letters": rule.letters, "words": rule.words, "longest": rule.longest}
        return cls(field, gettext(reasons[fault], **facts, count=len(note)))


class NobodyError(ScreeningError):
    """There is no such account, or no such site."""

    def __init__(self, named: object) -> None:
        """Repeat how it was named."""
        super().__init__(mark("there is nobody and nothing called “{name}”"), name=named)
