"""The nurse's way: every question on one page, and the whole result with its trace.

Nothing is stored: the answers live on the page in the browser and travel with each button. A nurse
may leave questions open; what is missing counts as unknown.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from screening.core.results.assess import Assessment, assess
from screening.core.rules.condition import OneOf
from screening.core.rules.item import Section
from screening.core.rules.ruleset import Ruleset, Tier
from screening.core.values.wording import Audience
from screening.web.forms.fields import PREFIX, AnswerField, ScreeningDateField
from screening.web.forms.form import ScreeningForm, read_form, read_screening_date
from screening.web.forms.visibility import Visibility
from screening.web.questionnaire.contradictions import AnswerLinks, contradiction_views
from screening.web.questionnaire.result_view import red_flags, result_context
from screening.web.shell.context import page_context
from screening.web.shell.responses import Page, form_page
from screening.words.nurse.needs import words_of_needed
from screening.words.nurse.reasons import words_of_idle_answers
from screening.words.nurse.result import settled_sentence, words_of_cautions

blueprint = Blueprint("nurse", __name__, url_prefix="/nurse")


@dataclass(frozen=True, slots=True)
class Intake:
    """The nurse's page as it was posted: the screening date and the answers."""

    day: ScreeningDateField
    form: ScreeningForm

    @classmethod
    def read(cls, posted: MultiDict[str, str] | None) -> "Intake":
        """Read the page; without a posted one it is empty, and dated today."""
        day = read_screening_date(posted, page_context().today())
        as_of = day.day or page_context().today()
        return cls(
            day, read_form(page_context().form, posted, audience=Audience.NURSE, as_of=as_of)
        )

    @property
    def errors(self) -> list[AnswerField]:
        """The fields with errors, in the order of the page."""
        return [field for field in (self.day, *self.form.fields) if field.errors]

    @property
    def sections(self) -> list[tuple[Section, list[AnswerField]]]:
        """The fields by section, without sections that have none."""
        grouped = (
            (section, [field for field in self.form.fields if field.item.section == section.id])
            for section in page_context().ruleset.sections
        )
        return [(section, fields) for section, fields in grouped if fields]

    def carried(self) -> Iterator[tuple[str, str]]:
        """Everything that was posted, for hidden inputs."""
        yield from self.day.carried()
        yield from self.form.carried()

    def assessed(self, birth_year: int | None = None) -> Assessment:
        """The assessment of the answers that could be read."""
        as_of = self.day.day or page_context().today()
        return assess(page_context().ruleset, self.form.answers, as_of, birth_year)

    def answer_links(self, endpoint: str = "") -> AnswerLinks:
        """The links to put an answer right: on the page itself, or on one that is posted to."""
        page = url_for(endpoint) if endpoint else ""
        return AnswerLinks(question=lambda item: f"{page}#{self.form.field(item.link_id).first_id}")


@blueprint.get("/")
def start() -> Page:
    """The empty page."""
    return _page(Intake.read(None))


@blueprint.get("/result")
def restart() -> Page:
    """The empty page, which says that this address shows something only with posted answers."""
    return _page(Intake.read(None), without_answers=True)


@blueprint.post("/")
def check() -> Page:
    """The page as it was filled in so far, with errors and red flags."""
    return _page(Intake.read(request.form), checked=True)


@blueprint.post("/result")
def result() -> Page:
    """The outcome with its reasons, if every answer that was given can be read."""
    intake = Intake.read(request.form)
    if intake.errors:
        return _page(intake, checked=True)
    assessment = intake.assessed()
    explanation = page_context().explainer.explain(assessment.answers, assessment.as_of)
    shown = result_context(
        assessment, explanation, page_context().today(), intake.answer_links("nurse.check")
    )
    return render_template("questionnaire/nurse/result.html", intake=intake, **shown)


def _page(intake: Intake, *, checked: bool = False, without_answers: bool = False) -> Page:
    assessment = intake.assessed()
    explanation = page_context().explainer.explain(assessment.answers, assessment.as_of)
    page = render_template(
        "questionnaire/nurse/form.html",
        intake=intake,
        errors=intake.errors,
        showing={f.item.link_id: Visibility.of(f, assessment) for f in intake.form.fields},
        red_flags=red_flags(assessment),
        contradictions=contradiction_views(assessment, intake.answer_links()),
        standing=words_of_cautions(
            page_context().ruleset, assessment.as_of, page_context().today()
        ),
        needs=words_of_needed(assessment, explanation),
        next_item=explanation.next_item,
        idle=words_of_idle_answers(assessment, explanation),
        settled=settled_sentence(assessment),
        checked=checked,
        without_answers=without_answers,
        alarms=[PREFIX + link_id for link_id in signs_of(page_context().ruleset, Tier.EMERGENCY)],
    )
    return form_page(page, intake.errors)


def signs_of(ruleset: Ruleset, tier: Tier) -> list[str]:
    """The questions whose answer "yes" alone makes a criterion of a tier true."""
    yes = frozenset({True})
    return [
        test.item
        for criterion in ruleset.criteria
        if criterion.tier is tier and isinstance(test := criterion.condition, OneOf)
        if test.values == yes
    ]
