"""A browser of a person that fills in forms as they stand on pages."""

import re
from dataclasses import dataclass

from flask.testing import FlaskClient
from support.pages.page_reader import Page
from support.people.web_people import PASSWORD
from werkzeug.test import TestResponse


@dataclass
class Visitor:
    """A browser: it fills in forms and presses their buttons."""

    client: FlaskClient

    def open(self, address: str) -> Page:
        """A page, after every redirection."""
        return Page(self.client.get(address, follow_redirects=True).text)

    def press(self, page: Page, button: str, **typed: str) -> TestResponse:
        """Type into a page's form, and press a button of it."""
        form = next(each for each in page.forms if button in each.buttons)
        name, value, action = form.buttons[button]
        data = dict(form.fields) | ({name: value} if name else {}) | typed
        return self.client.post(action or form.action, data=data)

    def enter(self, email: str, password: str = PASSWORD) -> TestResponse:
        """Try to sign in."""
        return self.press(self.open("/account/sign-in"), "Sign in", email=email, password=password)

    @property
    def is_in(self) -> bool:
        """Whether somebody is signed in."""
        return self.client.get("/account/").status_code == 200


def focused(page: Page) -> list[str]:
    """The ids of what has the focus when a page opens; scripts give it to a summary of errors."""
    opened = re.findall(r"<(?:input|select|h1|h2)[^>]* autofocus[^>]*>", page.html)
    return [found[1] for each in opened if (found := re.search(r' id="([^"]*)"', each))]
