"""One request of a patient, read from what the page posted; nothing of it is stored."""

from dataclasses import dataclass

from flask import render_template, request

from screening.core.rules.item import Item
from screening.core.rules.ruleset import Tier
from screening.core.values.wording import Audience
from screening.web.forms.form import ScreeningForm, read_form
from screening.web.questionnaire.journey import Journey
from screening.web.questionnaire.patient_contradictions import (
    PatientContradiction,
    drop_unasked_answers,
    patient_contradictions,
)
from screening.web.shell.context import page_context
from screening.web.shell.language import SWITCHED
from screening.words.shared.answers import words_of_answer


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a patient: the answers so far and what the person asks for.

    ``doubt`` and ``opened`` are what the page said above its question, to be said again in another
    language.
    """

    form: ScreeningForm
    journey: Journey
    at: str | None
    action: str
    changing: bool
    doubt: Item | None = None
    opened: bool = False

    @property
    def look_again(self) -> list[PatientContradiction]:
        """The answers that do not fit together."""
        return patient_contradictions(self.journey.ruleset, self.form.answers, self.journey.as_of)

    @classmethod
    def of_request(cls) -> "Visit":
        """Read the posted form. A step that we do not know counts as the beginning."""
        today = page_context().today()
        form = read_form(page_context().form, request.form, audience=Audience.PATIENT, as_of=today)
        change, switched = request.form.get("change"), SWITCHED in request.form
        items, doubt = page_context().ruleset.items, request.form.get("doubt", "")
        at = change or request.form.get("at")
        drop_unasked_answers(form, today, at)
        return cls(
            form=form,
            journey=Journey(page_context().ruleset, form.answers, today),
            at=at if at in page_context().ruleset.items else None,
            action="show" if change or switched else request.form.get("action", ""),
            changing=bool(change) or "changing" in request.form,
            doubt=items.get(doubt) if switched else None,
            opened=switched and "opened" in request.form,
        )

    def words(self, item: Item) -> str:
        """The answer to a question in words."""
        return words_of_answer(item, self.form.answers.get(item.link_id), Audience.PATIENT)


def render_visit(template: str, visit: Visit, **told: object) -> str:
    """A page that says what the answers so far make of an emergency, whatever else it is about."""
    alarms = visit.journey.emergencies
    carried = list(visit.form.carried())
    told = {"carried": carried, "all_carried": carried, "alarms": alarms} | told
    return render_template(template, now=emergency_advice() if alarms else [], **told)


def emergency_advice() -> list[str]:
    """The advice for an emergency sign, by the rules: to act at once."""
    return [o.say.patient for o in page_context().ruleset.outcomes if o.tier is Tier.EMERGENCY]
