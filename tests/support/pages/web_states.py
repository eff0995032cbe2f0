"""Every page and state of the web, each with the request that leads to it."""

import datetime as dt
from dataclasses import dataclass

from support.people.typed_answers import typed, typed_day
from support.rulesets import shipped
from support.rulesets.builders import UNKNOWN, given
from werkzeug.datastructures import MultiDict

from screening.core.rules.patient_path import REPORT
from screening.core.values.answer import Answer
from screening.web.patient.journey import Journey

Fields = MultiDict[str, str]


@dataclass(frozen=True)
class State:
    """An address, the form to post to it if it is posted to, and the status of the answer."""

    address: str
    fields: Fields | None = None
    status: int = 200


def patient(*, at: str = "", action: str = "", report: str = "yes", **changes: str) -> Fields:
    """A patient's form, everything answered as in the favourable case but for the changes."""
    fields = typed(shipped.ruleset(), shipped.favourable())
    steps = {"at": at, "action": action, "report": report} | {
        f"q-{name}": text for name, text in changes.items()
    }
    for name, text in steps.items():
        fields[name] = text
    return fields


def unknown() -> Fields:
    """A form on which nothing is known."""
    fields = typed(shipped.ruleset(), dict.fromkeys(shipped.ruleset().items, UNKNOWN))
    fields["report"] = "no"
    return fields


def short_lane(*, action: str) -> Fields:
    """The form of somebody who has had no scan, with all that they are asked."""
    answers: dict[str, Answer] = {}
    would_say = {**shipped.favourable(), "imaging_result": Answer(value="not_done")}
    while link_id := Journey(shipped.ruleset(), answers, shipped.as_of()).first_open():
        answers[link_id] = would_say[link_id]
    fields = typed(shipped.ruleset(), answers)
    fields["action"] = action
    return fields


def chosen(*more: str, own: str = "") -> Fields:
    """A form on which somebody said what matters most."""
    fields = patient()
    fields.setlist("matters", ["pain", "risks", *more])
    fields["own"] = own
    return fields


def private() -> Fields:
    """A form with a private answer that the person wants on the paper."""
    fields = patient(action="paper", iv_drug_use="yes")
    fields["print"] = "iv_drug_use"
    return fields


def doubting() -> Fields:
    """A form on which somebody has just said that they do not know of an emergency sign."""
    fields = typed(shipped.ruleset(), {"leg_weakness": UNKNOWN})
    fields["at"] = "leg_weakness"
    return fields


def unfinished() -> Fields:
    """A form whose last question an answer has opened, and nobody has answered yet."""
    fields = patient(arthritis="yes")
    fields.poplist("q-arthritis_pain")
    return fields


def misfit(action: str) -> Fields:
    """A form with two days that do not fit together."""
    late = given(onset_date=dt.date(2026, 10, 9), diagnosis_date=dt.date(2026, 10, 5))
    fields = typed(shipped.ruleset(), {**shipped.favourable(), **late})
    fields.update({"report": "yes", "action": action})
    return fields


def flagged() -> Fields:
    """A form that raises many flags of every tier but the gravest."""
    points = given(scoliosis=True, can_lie_prone=False, blood_thinners=True)
    other = given(arthritis=True, arthritis_pain=False)
    open_still = {"levels": UNKNOWN, "gait_change": UNKNOWN}
    answers = {**shipped.favourable(), **points, **other, **open_still}
    fields = typed(shipped.ruleset(), answers)
    fields["report"] = "yes"
    return fields


def nurse(fields: Fields, **changes: str) -> Fields:
    """A nurse's form with these answers."""
    fields.update(typed_day(shipped.as_of()))
    for name, text in changes.items():
        fields[f"q-{name}"] = text
    return fields


QUESTION, PATIENT, CHECK, NURSE = (
    "/patient/question",
    "/patient/result",
    "/nurse/",
    "/nurse/result",
)


def states() -> dict[str, State]:
    """All states by name."""
    return {
        "home": State("/"),
        "start": State("/patient/"),
        "start-again": State(QUESTION, patient(at="leg_weakness", action="back")),
        "start-without": State("/patient/question"),
        "question": State(QUESTION, Fields()),
        "question-number": State(QUESTION, patient(at="age", action="show")),
        "question-choices": State(QUESTION, patient(at="imaging_kind", action="show")),
        "question-day": State(QUESTION, patient(at="onset_date", action="show")),
        "question-changing": State(QUESTION, Fields({"change": "scoliosis"})),
        "question-sensitive": State(QUESTION, patient(at="iv_drug_use", action="show")),
        "error": State(QUESTION, Fields({"at": "leg_weakness"}), 422),
        "error-number": State(QUESTION, patient(at="age", age="x"), 422),
        "doubt": State(QUESTION, doubting()),
        "opened": State(PATIENT, unfinished()),
        "error-day": State(QUESTION, Fields({"at": "onset_date", "q-onset_date-day": "40"}), 422),
        "error-words": State(
            QUESTION, Fields({"at": "onset_date", "q-onset_date-words": "ages ago"}), 422
        ),
        "question-report": State(QUESTION, patient(at=REPORT, action="show")),
        "error-report": State(QUESTION, patient(at=REPORT, report="perhaps"), 422),
        "check-short": State(QUESTION, short_lane(action="check")),
        "result-short": State(PATIENT, short_lane(action="result")),
        "alarm": State(QUESTION, patient(at="leg_weakness", leg_weakness="yes")),
        "after-alarm": State(QUESTION, patient(at="age", action="show", leg_weakness="yes")),
        "check": State(QUESTION, patient(action="check")),
        "check-alarm": State(QUESTION, patient(action="check", saddle_numbness="yes")),
        "check-look-again": State(QUESTION, misfit("check")),
        "result-look-again": State(PATIENT, misfit("result")),
        "matters": State("/patient/matters", chosen()),
        "matters-error": State(PATIENT, chosen("deciding", "home"), 422),
        "cleared": State("/patient/cleared"),
        "result": State(PATIENT, patient()),
        "result-matters": State(PATIENT, chosen("home")),
        "result-flagged": State(PATIENT, flagged()),
        "result-emergency": State(PATIENT, patient(leg_weakness="yes")),
        "result-handed-over": State(PATIENT, Fields({"q-leg_weakness": "yes"})),
        "result-private": State(PATIENT, private()),
        "result-unknown": State(PATIENT, unknown()),
        "nurse": State("/nurse/"),
        "nurse-without": State("/nurse/result"),
        "nurse-checked": State(CHECK, nurse(unknown())),
        "nurse-error": State(CHECK, nurse(flagged(), levels="99", leg_weakness="yes"), 422),
        "nurse-open": State(NURSE, nurse(flagged())),
        "nurse-met": State(NURSE, nurse(patient())),
        "nurse-emergency": State(NURSE, nurse(patient(leg_weakness="yes"))),
        "nurse-unknown": State(NURSE, nurse(unknown())),
        "rules": State("/rules"),
        "sources": State("/sources/"),
        "source": State("/sources/tpic"),
        "source-unverified": State("/sources/ahcpr"),
        "disagreements": State("/disagreements"),
        "silent": State("/silent"),
        "about": State("/about"),
        "options": State("/options/"),
        "not-found": State("/no-such-page", status=404),
        "not-allowed": State("/patient/", Fields(), 405),
        "too-large": State(NURSE, Fields({"q-age": "9" * 70_000}), 413),
    }
