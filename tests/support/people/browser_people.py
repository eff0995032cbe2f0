"""People in front of a real browser."""

from playwright.sync_api import Page
from support.people.web_people import PASSWORD


def enter(page: Page, email: str, password: str = PASSWORD) -> None:
    """Sign in by the form that is on the page."""
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
