"""The address for reports of weaknesses, for people who look where RFC 9116 says that it is."""

import datetime as dt
import os
from http import HTTPStatus

from flask import Blueprint, Response, abort

from screening.records.installation.settings import read_contact
from screening.web.accounts import authorization
from screening.web.shell.context import records

blueprint = Blueprint("contact", __name__)

HOLDS_FOR = dt.timedelta(days=90)
"""The time for which a reader may keep it; each request gets a new day."""


@blueprint.get("/.well-known/security.txt")
@authorization.public
def security_txt() -> Response:
    """The address of the operator; without one there is no such page."""
    contact = read_contact(os.environ)
    if contact is None:
        abort(HTTPStatus.NOT_FOUND)
    expires = (records().now() + HOLDS_FOR).astimezone(dt.UTC)
    lines = (
        f"Contact: {contact}",
        f"Expires: {expires:%Y-%m-%dT00:00:00Z}",
        "Preferred-Languages: en",
    )
    return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
