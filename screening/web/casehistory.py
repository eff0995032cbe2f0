"""The history of a case's answers: who changed what when, how, and from what to what."""

from flask import Blueprint, render_template

from screening.records.access import Permission
from screening.records.answers import Change, history
from screening.records.breakglass import REASONS as EMERGENCY_REASONS
from screening.records.breakglass import Emergency, case_emergencies
from screening.web.casewords import HOW_WORDS, answer_words, question_name, words_of_instant
from screening.web.desk import desk, records
from screening.web.gate import actor, allowed
from screening.web.opened import opened, shell

blueprint = Blueprint("casehistory", __name__, url_prefix="/case/<case_id>/history")


@blueprint.get("")
@allowed(Permission.VIEW)
def page(case_id: str) -> str:
    """Every change, the newest first; answers that are set aside or no longer asked for as well."""
    case = opened(case_id)
    return render_template(
        "case/history.html",
        **shell(case),
        changes=[_line(each) for each in history(records(), actor(), case_id)],
        emergencies=[_opening(each) for each in case_emergencies(records(), actor(), case)],
    )


def _opening(found: Emergency) -> dict[str, str]:
    return {
        "when": words_of_instant(found.at),
        "until": words_of_instant(found.expires_at),
        "by": found.by,
        "reason": EMERGENCY_REASONS.get(found.reason, found.reason),
        "note": found.note,
    }


def _line(change: Change) -> dict[str, str]:
    items = desk().ruleset.items
    item = items.get(change.link_id)
    return {
        "when": words_of_instant(change.at),
        "by": change.by,
        "how": HOW_WORDS[change.how],
        "question": question_name(items, change.link_id),
        "before": answer_words(item, change.before),
        "after": answer_words(item, change.after),
    }
