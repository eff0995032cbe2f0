"""Fields as controls: the one place where items become radios, checkboxes and inputs.

A patient sees one question as the heading of a page; a nurse sees many, each as a row. Nothing is
ever preselected, and the reasons for having no answer stand last, after a divider.

A control is rendered with blanks, from the rules alone, and remembered; then the answers are filled
in. One with an error is not remembered, as an error may say something of what was typed.
"""

from collections.abc import Callable, Iterator, Mapping

from markupsafe import Markup

from screening.core.rules.item import ItemType
from screening.core.values.wording import Audience
from screening.translation import Phrases, gettext, mark
from screening.web.forms.blanks import TEXT_BLANK, fill_blanks
from screening.web.forms.components import cached_component, component
from screening.web.forms.fields import (
    DAY_PARTS,
    DAY_WORDS,
    ROUGHLY,
    AnswerField,
    ChoiceField,
    ChoicesField,
    DateField,
    NumberField,
)

Params = dict[str, object]

PARTLY = Phrases(
    {
        Audience.PATIENT: (
            "If you do not know the day, leave it empty. A month and a year are enough, and so is"
            " a year alone."
        ),
        Audience.NURSE: "The day, or the day and the month, may be left empty.",
    }
)
FOR_EXAMPLE = mark("For example: about 3 weeks ago, or more than a year ago")


def render_field(field: AnswerField) -> Markup:
    """Render a field for its audience, with what was posted for it."""
    return fill_blanks(_with_blanks(field), _answers(field))


def _with_blanks(field: AnswerField) -> Markup:
    match field:
        case ChoiceField() if field.audience is Audience.NURSE:
            return _with_reasons(field, _boxes(field, "radios", _answers_to(field), field.name))
        case ChoicesField() if field.audience is Audience.NURSE:
            return _with_reasons(field, _boxes(field, "checkboxes", _answers_to(field), field.name))
        case ChoiceField():
            return _show(field)("radios", items=_options(field), **_group(field))
        case ChoicesField():
            return _show(field)("checkboxes", items=_options(field), **_group(field))
        case NumberField():
            return _with_reasons(field, _number(field))
        case DateField():
            return _with_reasons(field, _date(field))
        case _:
            raise NotImplementedError(type(field).__name__)


def _show(field: AnswerField) -> Callable[..., Markup]:
    return component if field.errors else cached_component


def _answers(field: AnswerField) -> Iterator[bool | str]:
    """The texts for the blanks of a field, in their order."""
    match field:
        case NumberField():
            yield field.text
        case DateField():
            yield from field.parts.values()
            if field.offers_words:
                yield field.words
        case _:
            yield from (code in field.posted[field.name] for code in _choices(field))
    yield from (reason.value in field.posted[field.names[-1]] for reason in field.offered)


def _legend(field: AnswerField) -> Params:
    text = field.item.ask.to(field.audience)
    if field.audience is Audience.NURSE:
        return {"text": text, "size": "s"}
    return {"text": text, "size": "l", "isPageHeading": True}


def _hint(field: AnswerField) -> str:
    """The hint before answering: for a nurse also when the question applies."""
    help_text = field.item.help.to(field.audience) if field.item.help else ""
    lead = field.lead if field.audience is Audience.NURSE else ""
    partly = PARTLY[field.audience] if isinstance(field, DateField) and field.takes_words else ""
    return " ".join(filter(None, (lead, help_text, partly)))


def _group(field: AnswerField) -> Params:
    """The common parts of radios and checkboxes."""
    params: Params = {
        "name": field.name,
        "idPrefix": field.name,
        "fieldset": {"legend": _legend(field)},
    }
    if hint := _hint(field):
        params["hint"] = {"text": hint}
    if field.errors:
        params["errorMessage"] = {"text": field.errors[0]}
    return params


def _options(field: AnswerField) -> list[Params]:
    return [*_answers_to(field), {"divider": gettext("or")}, *_reasons(field)]


def _answers_to(field: AnswerField) -> list[Params]:
    return [_option(code, words) for code, words in _choices(field).items()]


def _choices(field: AnswerField) -> Mapping[str, str]:
    if field.item.type is ItemType.YES_NO:
        return {"yes": gettext("Yes"), "no": gettext("No")}
    return {code: words.to(field.audience) for code, words in field.item.choices.items()}


def _reasons(field: AnswerField) -> list[Params]:
    """The reasons for having no answer; among checkboxes a script makes each exclude the others."""
    apart: Params = {"behaviour": "exclusive"}
    return [
        apart | _option(reason.value, words, "option-absent")
        for reason, words in field.offered.items()
    ]


def _option(value: str, words: str, classes: str = "") -> Params:
    label = {"text": words, "classes": classes}
    return {"value": value, "label": label, "checked": True}  # a blank


def _with_reasons(field: AnswerField, control: Markup) -> Markup:
    """A fieldset of the control and, after it, the reasons for having no answer."""
    parts, show = {}, _show(field)
    if hint := _hint(field):
        parts[f"{field.name}-hint"] = show("hint", id=f"{field.name}-hint", text=hint)
    if field.errors:
        error = f"{field.name}-error"
        parts[error] = show("error-message", id=error, text=field.errors[0])
    reply = Markup("").join([control, _reason_boxes(field)])
    if field.audience is Audience.NURSE:
        reply = Markup('<div class="reply">{}</div>').format(reply)
    inner = Markup("").join([*parts.values(), reply])
    described = " ".join(parts)
    legend = _legend(field)
    group = show("fieldset", legend=legend, describedBy=described, html=inner)
    error_class = " nhsuk-form-group--error" if field.errors else ""
    return Markup('<div class="nhsuk-form-group{}">{}</div>').format(error_class, group)


def _reason_boxes(field: AnswerField) -> Markup:
    """The reasons for having no answer; for a nurse behind one word, which says what is chosen."""
    options, prefix = _reasons(field), f"{field.name}-absent"
    if not options:
        return Markup("")
    if field.audience is Audience.PATIENT:
        return _boxes(field, "checkboxes", [{"divider": gettext("or")}, *options], prefix)
    kind = "radios" if isinstance(field, ChoiceField) else "checkboxes"
    return Markup(
        '<details class="unknown"><summary><span class="unknown__word">{}</span>{}</summary>'
        "{}</details>"
    ).format(gettext("Unknown"), _chosen_reason(field), _boxes(field, kind, options, prefix))


def _chosen_reason(field: AnswerField) -> Markup:
    """Every reason in words; the style sheet shows the one that is chosen."""
    said = Markup('<span class="unknown__said" data-reason="{}">{}</span>')
    reasons = field.offered.items()
    return Markup("").join(said.format(reason.value, words) for reason, words in reasons)


def _boxes(field: AnswerField, kind: str, items: list[Params], prefix: str) -> Markup:
    """Radios or checkboxes without a legend of their own."""
    small = field.audience is Audience.NURSE
    return _show(field)(kind, name=field.names[-1], idPrefix=prefix, small=small, items=items)


def _number(field: NumberField) -> Markup:
    unit = field.item.unit
    return _show(field)(
        "input",
        id=field.name,
        name=field.name,
        label={"text": gettext("Number of {unit}", unit=unit) if unit else gettext("Number")},
        value=TEXT_BLANK,
        inputmode="numeric",
        autocomplete="off",  # a browser shall not offer one patient's answers to the next
        width=4,
        classes="nhsuk-input--error" if field.errors else "",
    )


_WIDTHS = {"day": 2, "month": 5, "year": 4}
"""Of the parts of a date, in letters: a month may be typed by its name."""


_PART_WORDS = Phrases({"day": "Day", "month": "Month", "year": "Year"})


def _date(field: DateField) -> Markup:
    items = [
        {
            "id": f"{field.name}-{part}",
            "name": f"{field.name}-{part}",
            "label": {"text": _PART_WORDS[part]},
            "value": TEXT_BLANK,
            "autocomplete": "off",
            "width": _WIDTHS[part],
            "classes": "nhsuk-input--error" if field.errors else "",
        }
        for part in DAY_PARTS
    ]
    numbers = _show(field)("date-input", id=f"{field.name}-date", items=items)
    return numbers + _day_words(field) if field.offers_words else numbers


def _day_words(field: DateField) -> Markup:
    """An input for a date that is known only roughly."""
    name = f"{field.name}-{DAY_WORDS}"
    return _show(field)(
        "input",
        id=name,
        name=name,
        label={"text": ROUGHLY[field.audience]},
        hint={"text": gettext(FOR_EXAMPLE)},
        value=TEXT_BLANK,
        autocomplete="off",
        width=30,
        classes="nhsuk-input--error" if field.errors else "",
    )
