"""One request of a patient, read from what the page posted; nothing of it is stored."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import render_template, request
from werkzeug.datastructures import MultiDict

from screening.core.rules.item import Item
from screening.core.rules.patient_path import REPORT
from screening.core.rules.ruleset import Tier
from screening.core.values.wording import Audience
from screening.web.forms.fields import PREFIX, AnswerField
from screening.web.forms.form import ScreeningForm, read_form
from screening.web.patient.contradictions import (
    PatientContradiction,
    drop_unasked_answers,
    patient_contradictions,
)
from screening.web.patient.journey import Journey
from screening.web.patient.matters import OWN, PICKED, Matters
from screening.web.patient.report_question import NAME, read_report
from screening.web.shell.context import page_context
from screening.web.shell.language import SWITCHED
from screening.words.shared.answers import words_of_answer

HIDDEN_STATE = (PICKED, OWN, NAME)
"""The fields besides the answers that each page carries on, and a file of answers keeps."""

_LONGEST_TYPED = 80
"""The letters kept of typed text: no valid answer has more, and every page stays in its block."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a patient: the answers so far and what the person asks for.

    ``doubt``, ``eased`` and ``opened`` are what the page said above its question, to be said again
    in another language. ``alarmed`` is true while a question is shown whose answer was an emergency
    sign, and ``eased`` is the question whose answer no longer is one.
    """

    form: ScreeningForm
    report: AnswerField | None
    journey: Journey
    at: str | None
    action: str
    changing: bool
    matters: Matters
    doubt: Item | None = None
    opened: bool = False
    alarmed: bool = False
    eased: Item | None = None

    @property
    def look_again(self) -> list[PatientContradiction]:
        """The answers that do not fit together."""
        return patient_contradictions(self.journey.ruleset, self.form.answers, self.journey.as_of)

    @classmethod
    def of_request(cls) -> "Visit":
        """Read the posted form."""
        return cls.of_fields(request.form)

    @classmethod
    def of_fields(cls, posted: MultiDict[str, str]) -> "Visit":
        """Read the fields of a form. A step that we do not know counts as the beginning."""
        today = page_context().today()
        posted = _shorten_answers(posted)
        form = read_form(page_context().form, posted, audience=Audience.PATIENT, as_of=today)
        change, switched = posted.get("change"), SWITCHED in posted
        at = change or posted.get("at")
        drop_unasked_answers(form, today, at)
        ruleset = page_context().ruleset
        report = read_report(ruleset, posted, today)
        known = {*ruleset.items, *([REPORT] if report else [])}
        at = at if at in known else None
        journey = Journey(ruleset, form.answers, today, report.data if report else None)
        alarmed = "alarmed" in posted
        said = posted.get("eased", "")
        eased = said if switched else _eased(journey, at, alarmed=alarmed)
        return cls(
            form=form,
            report=report,
            journey=journey,
            at=at,
            action="show" if change or switched else posted.get("action", ""),
            changing=bool(change) or "changing" in posted,
            matters=Matters() if posted.get("action") == "skip" else Matters.of(posted),
            doubt=ruleset.items.get(posted.get("doubt", "")) if switched else None,
            opened=switched and "opened" in posted,
            alarmed=alarmed,
            eased=ruleset.items.get(eased),
        )

    def field(self, link_id: str) -> AnswerField:
        """The field of a question, with what was posted for it."""
        if self.report is not None and link_id == REPORT:
            return self.report
        return self.form.field(link_id)

    def keeps_alarm(self, link_id: str) -> bool:
        """True if the answer to a question is an emergency sign, or was when it was last shown."""
        shown_before = self.alarmed and self.at == link_id
        return shown_before or bool(self.journey.alarms(link_id))

    def words(self, item: Item) -> str:
        """The answer to a question in words."""
        return words_of_answer(item, self.field(item.link_id).data, Audience.PATIENT)

    def carried(self, besides: Iterable[str] = ()) -> list[tuple[str, str]]:
        """Names and values for hidden inputs: all that no page may lose but what is on the page."""
        shown = frozenset(besides)
        report = self.report.carried() if self.report and REPORT not in shown else ()
        return [*self.form.carried(shown), *report, *self.matters.carried()]


def _eased(journey: Journey, at: str | None, *, alarmed: bool) -> str:
    """The question that was an emergency sign until its answer was changed."""
    changed = alarmed and at in journey.answers
    return at if at and changed and not journey.alarms(at) else ""


def _shorten_answers(posted: MultiDict[str, str]) -> MultiDict[str, str]:
    """Cut long text in the fields; it ends in “…”, so that it is never read as an answer."""
    fields = posted.items(multi=True)
    return MultiDict((n, _shorten(t) if n.startswith(PREFIX) else t) for n, t in fields)


def _shorten(text: str) -> str:
    plain = text.strip()
    return plain if len(plain) <= _LONGEST_TYPED else f"{plain[: _LONGEST_TYPED - 1]}…"


def render_visit(template: str, visit: Visit, **told: object) -> str:
    """A page that says what the answers so far make of an emergency, whatever else it is about."""
    alarms = visit.journey.emergencies
    carried = visit.carried()
    said = {"eased": visit.eased, "doubt": None, "all_carried": carried}
    told = {"carried": carried, "alarms": alarms} | said | told
    return render_template(template, now=emergency_advice() if alarms else [], **told)


def emergency_advice() -> list[str]:
    """The advice for an emergency sign, by the rules: to act at once."""
    return [o.say.patient for o in page_context().ruleset.outcomes if o.tier is Tier.EMERGENCY]
