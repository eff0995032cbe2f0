"""The patient's way: one question per page, a page to check them, and a sheet for the doctor.

Nothing is stored. Every page posts all answers, those of other pages in hidden inputs, and each
request reads all of them again. No patient page says whether anybody is suited to a procedure.
"""

from collections.abc import Sequence
from dataclasses import replace

from flask import Blueprint, render_template

from screening.core.rules.item import Item, Section
from screening.core.values.citation import Citation
from screening.web.forms.error_summary import Mistake
from screening.web.patient.lane import Gap
from screening.web.patient.lengths import find_lengths
from screening.web.patient.matters import LONGEST, Matters
from screening.web.patient.sheet import sheet_page
from screening.web.patient.visit import Visit, emergency_advice, render_visit
from screening.web.shell.context import page_context
from screening.web.shell.responses import Page, form_page
from screening.words.patient.matters import MATTER_WORDS

blueprint = Blueprint("patient", __name__, url_prefix="/patient")


@blueprint.get("/")
def start() -> Page:
    """Show the purpose and the limits."""
    return start_page()


@blueprint.get("/question")
@blueprint.get("/matters")
@blueprint.get("/result")
def restart() -> Page:
    """The first page, which says that these addresses show something only with posted answers."""
    return start_page(without_answers=True)


@blueprint.post("/question")
def question() -> Page:
    """Take one step through the questions."""
    visit = Visit.of_request()
    if visit.action == "check":
        return check_page(visit)
    if visit.at is None:
        return _question(visit, visit.journey.steps[0].link_id)
    if visit.action == "show":
        return _question(visit, visit.at, doubt=visit.doubt, opened=visit.opened)
    if visit.action == "back":
        return _go_back(visit, visit.at)
    if visit.action == "acknowledge":
        return _go_on(visit, visit.at)
    return _take_answer(visit, visit.at)


@blueprint.post("/matters")
def matters() -> Page:
    """Ask what matters most to the person, unless an emergency sign is there."""
    visit = Visit.of_request()
    if visit.journey.emergencies:
        return sheet_page(visit)
    return missing_page(visit) or _matters(visit)


@blueprint.post("/result")
def result() -> Page:
    """Show the sheet for the doctor, once no question is open or an emergency sign is there."""
    visit = Visit.of_request()
    if visit.journey.emergencies:
        return sheet_page(visit)
    wrong = _matters(visit) if visit.matters.mistakes else None
    return missing_page(visit) or wrong or sheet_page(visit)


@blueprint.get("/cleared")
def cleared() -> Page:
    """The page that somebody leaves to: nothing of the answers is on it."""
    return render_template("patient/cleared.html")


def start_page(
    visit: Visit | None = None,
    *,
    doubt: Item | None = None,
    without_answers: bool = False,
    mistakes: Sequence[Mistake] = (),
) -> str:
    """The first page; on the way back it has the answers and what they make of an emergency."""
    lengths = find_lengths(page_context().ruleset, page_context().today())
    if visit is not None:
        return render_visit(
            "patient/start.html",
            visit,
            lengths=lengths,
            doubt=doubt,
            without_answers=False,
            errors=(),
        )
    return render_template(
        "patient/start.html",
        carried=[],
        alarms=(),
        doubt=None,
        eased=None,
        lengths=lengths,
        without_answers=without_answers,
        errors=mistakes,
    )


def missing_page(visit: Visit) -> Page | None:
    """The first question that is still open, if any is."""
    missing = visit.journey.first_open()
    return _question(replace(visit, changing=True), missing, opened=True) if missing else None


def _matters(visit: Visit) -> Page:
    """The page that asks what matters most; it shows what is wrong with what was written."""
    mistakes = visit.matters.mistakes
    page = render_visit(
        "patient/matters.html",
        visit,
        carried=replace(visit, matters=Matters()).carried(),
        matters=visit.matters,
        lines=MATTER_WORDS,
        longest=LONGEST,
        errors=mistakes,
        wrong=dict(mistakes),
    )
    return form_page(page, mistakes)


def _question(
    visit: Visit, link_id: str, *, doubt: Item | None = None, opened: bool = False
) -> Page:
    """A question; above it what to do about one in doubt, or that another answer opened it."""
    field = visit.field(link_id)
    page = render_visit(
        "patient/question.html",
        visit,
        field=field,
        citations=_citations(field.item),
        carried=visit.carried(besides=[link_id]),
        changing=visit.changing,
        doubt=doubt,
        opened=opened,
        alarmed=visit.keeps_alarm(link_id),
        place=visit.journey.section_of(link_id),
        errors=[(field.first_id, field.errors[0])] if field.errors else [],
    )
    return form_page(page, field.errors)


def _ask_again(visit: Visit, link_id: str) -> Page:
    visit.field(link_id).require()
    return _question(visit, link_id)


def _take_answer(visit: Visit, link_id: str) -> Page:
    if visit.field(link_id).data is None:
        return _ask_again(visit, link_id)
    return _alarm(visit, link_id) or _go_on(visit, link_id)


def _alarm(visit: Visit, link_id: str) -> Page | None:
    """The advice for now, if the answer to a question is an emergency sign."""
    alarms = visit.journey.alarms(link_id)
    if not alarms:
        return None
    return render_template(
        "patient/alarm.html",
        alarms=alarms,
        advice=emergency_advice(),
        carried=list(visit.carried()),
        at=link_id,
        changing=visit.changing,
    )


def _go_on(visit: Visit, link_id: str) -> Page:
    """The next question, or the page to check; on the way back from a change only what is open."""
    following = None if visit.changing else visit.journey.after(link_id)
    following = following or visit.journey.first_open()
    doubt = visit.journey.doubt(link_id)
    return _question(visit, following, doubt=doubt) if following else check_page(visit, doubt=doubt)


def _go_back(visit: Visit, link_id: str) -> Page:
    if visit.changing:
        return _alarm(visit, link_id) or check_page(visit, doubt=visit.journey.doubt(link_id))
    previous = visit.journey.before(link_id)
    doubt = visit.journey.doubt(link_id)
    return _question(visit, previous, doubt=doubt) if previous else start_page(visit, doubt=doubt)


def check_page(visit: Visit, *, doubt: Item | None = None, loaded: object = None) -> str:
    """The page to check the answers; it says what became of a file that was loaded."""
    return render_visit(
        "patient/check.html",
        visit,
        doubt=doubt,
        loaded=loaded,
        rows=_rows(visit),
        look_again=visit.look_again,
        last=visit.journey.steps[-1],
        left_out=visit.journey.left_out,
        needs_report=visit.journey.not_asked_for(Gap.REPORT),
        needs_scan=visit.journey.not_asked_for(Gap.SCAN),
    )


def _rows(visit: Visit) -> list[tuple[Section, list[tuple[Item, str]]]]:
    """Every question that was put, with its answer in words, by section."""
    journey = visit.journey
    return [
        (section, [(item, visit.words(item)) for item in journey.steps_in(section)])
        for section in journey.lane.sections_of(journey.steps)
    ]


def _citations(item: Item) -> list[Citation]:
    """Every passage that a question rests on, once."""
    ruleset = page_context().ruleset
    read = [c for criterion in ruleset.readers(item.link_id) for c in criterion.citations]
    return list(dict.fromkeys([*item.citations, *read]))
