"""People at work on one case, each with a browser of their own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count

from flask.testing import FlaskClient
from support.pages.page_reader import Page
from support.people.typed_answers import typed
from support.rulesets import shipped
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from screening.records.access import Actor


@dataclass(frozen=True, slots=True)
class Nurse:
    """A person at work on one case."""

    client: FlaskClient
    actor: Actor
    case_id: str

    def get(self, way: str = "") -> TestResponse:
        """A page of the case."""
        return self.client.get(f"/case/{self.case_id}/{way}")

    def page(self, way: str = "") -> Page:
        """The same, read."""
        return Page(self.get(way).text)

    def sheet(self) -> MultiDict[str, str]:
        """The fields of the sheet as it stands, ready to be posted."""
        return form_with(self.page(), "Show result")

    def post(self, way: str, data: Mapping[str, object] | MultiDict[str, str]) -> TestResponse:
        """Send a form of the case."""
        return self.client.post(f"/case/{self.case_id}/{way}", data=data)

    def answer(self, way: str = "", /, **answers: str) -> TestResponse:
        """Open the sheet, answer, and press Save."""
        data = self.sheet()
        for name, text in answers.items():
            data.setlist(f"q-{name}", [text] if text else [])
        return self.post(way, data)


def assessed(nurse: Nurse, **changes: str) -> Nurse:
    """Somebody whose case has a result: favourable, but for these changes; "" leaves one out."""
    data = nurse.sheet()
    for name, values in typed(shipped.ruleset(), shipped.favourable()).lists():
        data.setlist(name, values)
    for link_id, text in changes.items():
        data.setlist(f"q-{link_id}", [text] if text else [])
    assert nurse.post("assess", data).status_code == 303
    return nurse


def rows(nurse: Nurse, way: str) -> Iterator[str]:
    """The rows of every page of a list. Other tests' cases stand in it too."""
    for number in count(1):
        html = nurse.client.get(f"/worklist/{way}?page={number}").text
        yield from html.split("<tr")
        if 'rel="next"' not in html:
            return


def row_of(nurse: Nurse, way: str = "") -> str:
    """What a list says of the case."""
    return next(row for row in rows(nurse, way) if nurse.case_id in row)


def form_with(page: Page, button: str) -> MultiDict[str, str]:
    """The fields of the form that has a button."""
    (form,) = (each for each in page.forms if button in each.buttons)
    name, value, _ = form.buttons[button]
    return MultiDict([*form.fields, *([(name, value)] if name else [])])
