"""The patient's way: one question per page, a page to check them, and a sheet for the doctor.

Nothing is stored. Every page posts all answers, those of other pages in hidden inputs, and each
request reads all of them again. No patient page says whether anybody is suited to a procedure.
"""

from dataclasses import replace

from flask import Blueprint, render_template

from screening.core.rules.item import Item, Section
from screening.core.values.citation import Citation
from screening.web.questionnaire.journey import Journey
from screening.web.questionnaire.sheet import sheet_page
from screening.web.questionnaire.visit import Visit, emergency_advice, render_visit
from screening.web.shell.context import page_context
from screening.web.shell.responses import Page, form_page

blueprint = Blueprint("patient", __name__, url_prefix="/patient")


@blueprint.get("/")
def start() -> Page:
    """Show the purpose and the limits."""
    return _start()


@blueprint.get("/question")
@blueprint.get("/result")
def restart() -> Page:
    """The first page, which says that these addresses show something only with posted answers."""
    return _start(without_answers=True)


@blueprint.post("/question")
def question() -> Page:
    """Take one step through the questions."""
    visit = Visit.of_request()
    if visit.action == "check":
        return _check(visit)
    if visit.at is None:
        return _question(visit, visit.journey.path[0].link_id)
    if visit.action == "show":
        return _question(visit, visit.at, doubt=visit.doubt, opened=visit.opened)
    if visit.action == "back":
        return _go_back(visit, visit.at)
    if visit.action == "acknowledge":
        return _go_on(visit, visit.at)
    return _take_answer(visit, visit.at)


@blueprint.post("/result")
def result() -> Page:
    """Show the sheet for the doctor, once no question is open or an emergency sign is there."""
    visit = Visit.of_request()
    missing = visit.journey.first_open()
    if missing and not visit.journey.emergencies:
        return _question(replace(visit, changing=True), missing, opened=True)
    return sheet_page(visit)


def _start(visit: Visit | None = None, *, without_answers: bool = False) -> Page:
    """The first page; on the way back it has the answers and what they make of an emergency."""
    count = Journey(page_context().ruleset, {}, page_context().today()).longest
    if visit is not None:
        return render_visit(
            "questionnaire/patient/start.html", visit, count=count, without_answers=False
        )
    return render_template(
        "questionnaire/patient/start.html",
        carried=[],
        alarms=(),
        count=count,
        without_answers=without_answers,
    )


def _question(
    visit: Visit, link_id: str, *, doubt: Item | None = None, opened: bool = False
) -> Page:
    """A question; above it what to do about one in doubt, or that another answer opened it."""
    number, section = visit.journey.section_of(link_id)
    field = visit.form.field(link_id)
    page = render_visit(
        "questionnaire/patient/question.html",
        visit,
        field=field,
        citations=_citations(link_id),
        carried=visit.form.carried(besides=[link_id]),
        changing=visit.changing,
        doubt=doubt,
        opened=opened,
        number=number,
        section=section,
        errors=[(field.first_id, field.errors[0])] if field.errors else [],
    )
    return form_page(page, field.errors)


def _ask_again(visit: Visit, link_id: str) -> Page:
    visit.form.field(link_id).require()
    return _question(visit, link_id)


def _take_answer(visit: Visit, link_id: str) -> Page:
    if link_id not in visit.form.answers:
        return _ask_again(visit, link_id)
    return _alarm(visit, link_id) or _go_on(visit, link_id)


def _alarm(visit: Visit, link_id: str) -> Page | None:
    """The advice for now, if the answer to a question is an emergency sign."""
    alarms = visit.journey.alarms(link_id)
    if not alarms:
        return None
    return render_template(
        "questionnaire/patient/alarm.html",
        alarms=alarms,
        advice=emergency_advice(),
        carried=list(visit.form.carried()),
        at=link_id,
        changing=visit.changing,
    )


def _go_on(visit: Visit, link_id: str) -> Page:
    """The next question, or the page to check; on the way back from a change only what is open."""
    following = None if visit.changing else visit.journey.after(link_id)
    following = following or visit.journey.first_open()
    doubt = visit.journey.doubt(link_id)
    return _question(visit, following, doubt=doubt) if following else _check(visit, doubt=doubt)


def _go_back(visit: Visit, link_id: str) -> Page:
    if visit.changing:
        return _alarm(visit, link_id) or _check(visit)
    previous = visit.journey.before(link_id)
    return _question(visit, previous) if previous else _start(visit)


def _check(visit: Visit, *, doubt: Item | None = None) -> Page:
    return render_visit(
        "questionnaire/patient/check.html",
        visit,
        doubt=doubt,
        rows=_rows(visit),
        look_again=visit.look_again,
        last=visit.journey.path[-1],
        left_out=visit.journey.left_out,
    )


def _rows(visit: Visit) -> list[tuple[Section, list[tuple[Item, str]]]]:
    """Every question that was put, with its answer in words, by section."""
    grouped = (
        (section, [(item, visit.words(item)) for item in visit.journey.path_in(section)])
        for section in page_context().ruleset.sections
    )
    return [(section, rows) for section, rows in grouped if rows]


def _citations(link_id: str) -> list[Citation]:
    """Every passage that a question rests on, once."""
    ruleset = page_context().ruleset
    read = [c for criterion in ruleset.readers(link_id) for c in criterion.citations]
    return list(dict.fromkeys([*ruleset.items[link_id].citations, *read]))
