"""What the pages of the questions cost, against a bare form with the same fields.

Usage: python tests/bench/bench_pages.py

Every figure is a ratio of processor time within one run. The bare form is Flask, Jinja and
Flask-WTF without any layer of ours. A page that costs more than ``AT_MOST`` bare forms fails the
run. Each page is also measured as if no component were remembered.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from flask import Flask, render_template
from flask_wtf import CSRFProtect, FlaskForm
from jinja2 import DictLoader
from support.people import case_people, worklist_people
from support.people.typed_answers import typed, typed_day
from support.people.web_people import add_site, casework_app
from support.rulesets import shipped
from support.storage import databases
from wtforms import Field, RadioField, SelectMultipleField, StringField

from screening.core.rules.item import Item, ItemType
from screening.core.values.wording import Audience
from screening.records.access import Role
from screening.records.casework.cases import add_case
from screening.web.forms import controls
from screening.web.forms.components import component, render_cached
from screening.web.forms.fields import offered_reasons

REPEATS = 7
AT_MOST = 2.0
BARE = """<!doctype html><html lang="en"><title>x</title><main><form method="post">
{{ form.hidden_tag() }}{% for field in form if field.type != "CSRFTokenField" %}<fieldset>
<legend>{{ field.label.text }}</legend><p>{{ field.description }}</p>
{% if field.type == "StringField" %}{{ field(class_="i") }}{% else %}{% for option in field %}
<div>{{ option(class_="i") }} {{ option.label(class_="l") }}</div>{% endfor %}{% endif %}
</fieldset>{% endfor %}<button>Continue</button></form></main></html>"""

Ask = Callable[[], object]


def bare_app() -> Flask:
    """A page with the questions of the shipped rules, made of Flask-WTF alone."""
    app = Flask("bare")
    app.secret_key = "k" * 32
    app.jinja_loader = DictLoader({"bare.html": BARE})
    CSRFProtect(app)
    fields = {link_id: _bare_field(item) for link_id, item in shipped.ruleset().items.items()}
    form = type("Bare", (FlaskForm,), fields)
    app.add_url_rule("/", view_func=lambda: render_template("bare.html", form=form()))
    return app


def _bare_field(item: Item) -> Field:
    text, told = item.ask.nurse, item.help.nurse if item.help else ""
    if item.type in {ItemType.NUMBER, ItemType.DATE}:
        return StringField(text, description=told)
    answers = {code: words.nurse for code, words in item.choices.items()}
    reasons = {why.value: words for why, words in offered_reasons(item, Audience.NURSE).items()}
    choices = [*(answers or {"yes": "Yes", "no": "No"}).items(), *reasons.items()]
    kind = SelectMultipleField if item.type is ItemType.CHOICES else RadioField
    return kind(text, choices=choices, description=told)


@contextmanager
def pages(folder: Path) -> Iterator[dict[str, Ask]]:
    """The pages to measure, by name."""
    address = databases.sqlite_copy(databases.sqlite_pattern(folder), folder)
    answers = typed(shipped.ruleset(), shipped.favourable())
    with databases.open_records(address) as records:
        app = casework_app(records, WTF_CSRF_ENABLED=False)
        app.logger.disabled = True
        site = add_site(records, "North")
        actor = worklist_people.person(records, Role.NURSE, sites=[site], name="Nora Nurse")
        case = add_case(records, actor, site, worklist_people.referral(), "bench-pages-case")
        nurse = case_people.Nurse(worklist_people.signed_in(app, actor), actor, case)
        case_people.assessed(nurse)
        visitor, dated = app.test_client(), answers | typed_day(shipped.as_of())
        yield {
            "the nurse's sheet, empty": lambda: visitor.get("/nurse/").text,
            "the nurse's sheet, answered": lambda: visitor.post("/nurse/", data=dated).text,
            "a case's answers": lambda: nurse.get().text,
        }


def milliseconds(work: Ask) -> float:
    """The median processor time of one piece of work."""
    times: list[float] = []
    for _ in range(REPEATS):
        start = time.process_time()
        work()
        times.append((time.process_time() - start) * 1000)
    return statistics.median(times)


def forgetful(ask: Ask) -> float:
    """How long a page takes that renders every component again."""
    with mock.patch.object(controls, "cached_component", component):
        ask()
        return milliseconds(ask)


def main() -> int:
    """Print one line for each page; gives 1 if one costs more than ``AT_MOST`` bare forms."""
    client, dear = bare_app().test_client(), 0
    client.get("/")
    bare = milliseconds(lambda: client.get("/").text)
    print(f"{'a bare form with the same fields':<34}{bare:8.2f} ms")
    with tempfile.TemporaryDirectory() as folder, pages(Path(folder)) as asked:
        for name, ask in asked.items():
            plain = forgetful(ask)
            ask()
            took = milliseconds(ask)
            dear += took > AT_MOST * bare
            print(f"{name:<34}{took:8.2f} ms{took / bare:7.2f} x", end="")
            print(f"   nothing remembered {plain / bare:6.2f} x")
    print(f"remembered: {render_cached.cache_info().currsize} components")
    return int(dear > 0)


if __name__ == "__main__":
    sys.exit(main())
