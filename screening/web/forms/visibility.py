"""Which questions a page of many shows: what is worth showing, and all that have an answer."""

from dataclasses import dataclass

from screening.core.results.assess import Assessment, meets_shown_if
from screening.core.rules.condition import OneOf
from screening.core.rules.item import Item
from screening.core.values.answer import AbsentReason
from screening.web.forms.fields import AnswerField


@dataclass(frozen=True, slots=True, kw_only=True)
class Visibility:
    """The hiding of a question, and the question and posted values that show it at once.

    Without a question, only the server knows.
    """

    hidden: bool
    by: str
    values: str

    @classmethod
    def of(cls, field: AnswerField, assessment: Assessment) -> "Visibility":
        """The showing of a field; whatever was typed into it, it is never hidden."""
        item = field.item
        typed = any(field.posted.values())
        test = item.shown_if if isinstance(item.shown_if, OneOf) else None
        return cls(
            hidden=not typed and not is_shown(item, assessment),
            by=test.item if test else "",
            values=" ".join([*map(posted_value, test.values), *_UNKNOWN]) if test else "",
        )


def is_shown(item: Item, assessment: Assessment) -> bool:
    """True if a question is worth showing with the answers of an assessment."""
    return meets_shown_if(item, assessment.answers, assessment.as_of)


def posted_value(value: str | bool) -> str:  # noqa: FBT001 - a value of a condition
    """A value of a condition as a form posts it."""
    return ("no", "yes")[value] if isinstance(value, bool) else value


_UNKNOWN = [reason.value for reason in AbsentReason]
