"""The options side by side: what the sources say of each, in the same rows; none is preferred."""

import unicodedata
from http import HTTPStatus

from flask import Blueprint, abort, render_template

from screening.core.rules.option import OPTION_ROWS, WRITER_ROWS, Option, statements
from screening.core.rules.ruleset import Disagreement, Ruleset
from screening.translation import Phrases
from screening.web.shell.context import page_context

blueprint = Blueprint("options", __name__)

ROW_WORDS = Phrases(
    {
        "about": "What it is and how it is done",
        "like": "What it is like",
        "said_for": "What the pages say for it",
        "said_against": "What the pages say against it, and its risks",
        "left_out": "What the pages leave out",
        "ask": "Questions to ask",
        "wrote": "Who wrote it",
        "sells": "What the writer offers",
        "paid": "Who paid for it",
    }
)


@blueprint.get("/options/")
def compare() -> str:
    """Every option in every row. It takes no answers, so it loses none."""
    ruleset = page_context().ruleset
    if not ruleset.options:
        abort(HTTPStatus.NOT_FOUND)
    return render_template(
        "questionnaire/options/compare.html",
        options=sorted(ruleset.options, key=_place),
        option_rows=OPTION_ROWS,
        writer_rows=WRITER_ROWS,
        writers={each.id: each for each in ruleset.writers},
        row_words=ROW_WORDS,
        topics=_topics(ruleset),
    )


def _place(option: Option) -> str:
    """The alphabet of the reader's language decides: any other order would look like merit.

    Accents count for nothing. The letters of the languages that are offered then follow the order
    of Unicode, but for the Spanish ñ, which is after n.
    """
    letters = option.name.patient.casefold().replace("ñ", "n\U0010fffd")
    return "".join(
        each for each in unicodedata.normalize("NFKD", letters) if not unicodedata.combining(each)
    )


def _topics(ruleset: Ruleset) -> list[Disagreement]:
    """The disagreements that any statement of an option is in."""
    found = {
        topic.id
        for _, statement in statements(ruleset.options)
        for topic in ruleset.disagreements_on(statement)
    }
    return [topic for topic in ruleset.disagreements if topic.id in found]
