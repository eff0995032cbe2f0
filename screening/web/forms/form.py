"""Forms: one field for each item of a ruleset, made once, and the same for patient and nurse.

The one mechanism that carries answers from page to page is the form itself: answers that are not on
a page travel as hidden inputs under the names they would have on it. Nothing is kept on the server,
in a cookie or in an address.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from markupsafe import Markup
from wtforms import Form
from wtforms.fields.core import UnboundField
from wtforms.meta import DefaultMeta

from screening.core.rules.item import Item
from screening.core.rules.ruleset import Ruleset
from screening.core.values.answer import Answer
from screening.core.values.wording import Audience
from screening.web.forms.controls import render_field
from screening.web.forms.fields import (
    FIELD_OF,
    PREFIX,
    AnswerField,
    PostedValues,
    ScreeningDateField,
)


class ScreeningForm(Form):
    """Every item of a ruleset as a field, for one audience on one screening date."""

    class Meta(DefaultMeta):
        """The rendering of fields; ``audience`` and ``as_of`` are set for each request."""

        audience: Audience
        as_of: dt.date

        def render_field(self, field: object, render_kw: object) -> Markup:  # noqa: ARG002
            """Render a field with the components of the design system."""
            return render_field(cast("AnswerField", field))

    @property
    def fields(self) -> tuple[AnswerField, ...]:
        """The fields, in the order of the questionnaire."""
        return tuple(cast("AnswerField", field) for field in self)

    def field(self, link_id: str) -> AnswerField:
        """The field of one item.

        Raises:
            KeyError: if the ruleset has no such item.
        """
        return cast("AnswerField", self[PREFIX + link_id])

    @property
    def answers(self) -> dict[str, Answer]:
        """Every answer that could be read."""
        return {each.item.link_id: each.data for each in self.fields if each.data is not None}

    def carried(self, besides: Iterable[str] = ()) -> Iterator[tuple[str, str]]:
        """Names and values for hidden inputs, of every item but those that are on the page."""
        shown = frozenset(besides)
        for field in self.fields:
            if field.item.link_id not in shown:
                yield from field.carried()


FormClass = type[ScreeningForm]


def form_class(fields: Mapping[str, "UnboundField[Any]"]) -> FormClass:
    """A form with these fields, by their names."""
    return cast("FormClass", type("QuestionnaireForm", (ScreeningForm,), dict(fields)))


def questionnaire_form(ruleset: Ruleset) -> FormClass:
    """The form of a ruleset's questions."""
    items = ruleset.items.values()
    return form_class({PREFIX + item.link_id: _unbound(item, ruleset.items) for item in items})


def _unbound(item: Item, items: Mapping[str, Item]) -> "UnboundField[AnswerField]":
    return UnboundField(FIELD_OF[item.type], item, items)


def read_form(
    form: FormClass, posted: PostedValues | None, *, audience: Audience, as_of: dt.date
) -> ScreeningForm:
    """Read a posted form. It is validated: its fields have their errors."""
    read = form(posted, meta={"audience": audience, "as_of": as_of})
    if posted is not None:
        read.validate()
    return read


def read_screening_date(posted: PostedValues | None, today: dt.date) -> ScreeningDateField:
    """The nurse's screening date as it was posted, else today."""
    form = read_form(_SCREENING_DATE, posted, audience=Audience.NURSE, as_of=today)
    field = cast("ScreeningDateField", form.fields[0])
    if posted is None:
        field.fill(today)
    field.require()
    return field


_SCREENING_DATE = form_class({"as_of": UnboundField(ScreeningDateField)})
