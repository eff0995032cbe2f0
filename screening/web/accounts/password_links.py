"""Links by which a person sets a password: good once, for a day."""

from flask import Flask
from flask_security.proxies import _datastore
from flask_security.recoverable import generate_reset_link
from flask_security.utils import url_for_security

from screening.records.ledger.events import EventKind, record_event
from screening.records.people.administration import COMMAND_LINE
from screening.records.people.people import note_link
from screening.web.shell.context import records


def make_link(by: int, number: int) -> str:
    """A link for an account, with the address under which this request was made.

    Who may have it is for the caller to know: see ``proposals``.
    """
    user = _datastore.find_user(id=number)
    address, _ = generate_reset_link(user)  # type: ignore[no-untyped-call]  # it declares no types
    record_event(records(), by, EventKind.LINK_MADE, row=f"users/{number}")
    return str(address)


def link_path(app: Flask, number: int) -> str:
    """The path of a link, for somebody on the server itself."""
    with app.test_request_context():
        whole = make_link(COMMAND_LINE.id, number)
        note_link(records(), number)
        token = whole.rpartition("/")[2]
        return str(url_for_security("reset_password", token=token))
