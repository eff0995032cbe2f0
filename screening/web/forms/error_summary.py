"""The mistakes of a form, above it: each leads to its field."""

from collections.abc import Iterable

from markupsafe import Markup

from screening.translation import gettext
from screening.web.forms.components import component
from screening.web.forms.fields import AnswerField

Mistake = tuple[str, str]
"""The id of a field, and what is wrong with it. Without an id it leads nowhere."""
NAMED = Markup("{}: <span data-error>{}</span>")  # a script that saves changes the words


def error_summary(mistakes: Iterable[Mistake], title: str = "", description: str = "") -> Markup:
    """Render the design system's summary of mistakes; nothing if there are none."""
    lines = [_line(*each) for each in mistakes]
    given = {
        "titleText": title or gettext("There is a problem"),
        "descriptionText": description,
        "errorList": lines,
    }
    return component("error-summary", id="error-summary", **given) if lines else Markup()


def named_mistakes(fields: Iterable[AnswerField]) -> list[Mistake]:
    """The mistakes on a page of many questions, each with the question's name."""
    return [(each.first_id, NAMED.format(each.item.name, each.errors[0])) for each in fields]


def _line(at: str, words: str) -> dict[str, str]:
    href = {"href": f"#{at}"} if at else {}
    return {"html" if isinstance(words, Markup) else "text": words} | href
