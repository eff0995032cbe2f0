"""The basis of everything: documents, their differences, their gaps, the purpose."""

from http import HTTPStatus

from flask import Blueprint, abort, render_template

from screening.web.questionnaire.ipdas import ADDRESS, DEGREE_WORDS, GROUPS
from screening.web.shell.context import page_context
from screening.web.shell.passages import Use, uses, web_address

blueprint = Blueprint("sources", __name__)


@blueprint.get("/")
def home() -> str:
    """Two doors: one for patients, one for nurses."""
    return render_template("questionnaire/sources/home.html")


@blueprint.get("/sources/")
def sources() -> str:
    """Every document."""
    counts = {key: len(_quoted(key)) for key in page_context().ruleset.sources}
    return render_template("questionnaire/sources/sources.html", counts=counts)


@blueprint.get("/sources/<source_id>")
def source(source_id: str) -> str:
    """One document, with every phrase quoted from it and what rests on it."""
    found = page_context().ruleset.sources.get(source_id)
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    return render_template(
        "questionnaire/sources/source.html",
        source=found,
        address=web_address(found),
        quoted=_quoted(source_id),
    )


@blueprint.get("/disagreements")
def disagreements() -> str:
    """Show the disagreements of the documents."""
    return render_template("questionnaire/sources/disagreements.html")


@blueprint.get("/silent")
def silence() -> str:
    """Show the gaps of the documents."""
    return render_template("questionnaire/sources/silent.html")


@blueprint.get("/about")
def about() -> str:
    """Intended use, limits, words and versions."""
    return render_template(
        "questionnaire/sources/about.html",
        ipdas_groups=GROUPS,
        ipdas_address=ADDRESS,
        degree_words=DEGREE_WORDS,
    )


def _quoted(source_id: str) -> list[list[Use]]:
    """The uses of each passage of a document, those of one passage together."""
    groups: dict[tuple[str, str], list[Use]] = {}
    for use in uses(page_context().ruleset):
        citation = use.passage.citation
        if citation.source == source_id:
            groups.setdefault((citation.heading, citation.quote), []).append(use)
    return list(groups.values())
