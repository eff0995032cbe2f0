"""The question for the scan report as a field; its answer travels with the others, under a name."""

import datetime as dt
from typing import cast

from wtforms.fields.core import UnboundField

from screening.core.rules.ruleset import Ruleset
from screening.core.values.wording import Audience
from screening.web.forms.fields import ChoiceField, PostedValues
from screening.web.forms.form import form_class, read_form

NAME = "report"


def read_report(ruleset: Ruleset, posted: PostedValues, as_of: dt.date) -> ChoiceField | None:
    """Read what was posted for the report; none if the rules do not ask for it."""
    if ruleset.patient_path is None:
        return None
    field = UnboundField(ChoiceField, ruleset.patient_path.report, ruleset.items)
    form = read_form(form_class({NAME: field}), posted, audience=Audience.PATIENT, as_of=as_of)
    return cast("ChoiceField", form.fields[0])
