"""A file of referrals, chosen and confirmed as a browser does it."""

import re

from flask.testing import FlaskClient
from support.pages.page_reader import Page
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from screening.records.access import Actor
from screening.records.ledger.records import Records
from screening.records.worklist.worklist import Query, worklist

_SELECTED = re.compile(
    r'<select[^>]* name="([^"]+)"(?:(?!</select>).)*?<option value="([^"]*)" selected', re.DOTALL
)
HEADING = "Reference,Patient,Birth year,Referring clinic,Priority\n"


def lines(count: int, letter: str = "N") -> str:
    """So many rows of different patients."""
    row = "{letter}-{n},Person{letter}{n},{year},Hill practice,soon\n"
    return "".join(row.format(letter=letter, n=n, year=1930 + n % 60) for n in range(count))


def upload(client: FlaskClient, data: str | bytes, site: int = 1) -> TestResponse:
    """Choose a file and press the button; the body is ours, the client's would lie in a file."""
    content = data if isinstance(data, bytes) else data.encode()
    head = b'--mark\r\nContent-Disposition: form-data; name="site"\r\n\r\n%d\r\n' % site
    head += b'--mark\r\nContent-Disposition: form-data; name="file"; filename="r.csv"\r\n'
    body = head + b"Content-Type: text/csv\r\n\r\n" + content + b"\r\n--mark--\r\n"
    kind = "multipart/form-data; boundary=mark"
    return client.post("/worklist/import", data=body, content_type=kind)


def confirmation(html: str) -> MultiDict[str, str]:
    """What the button to add would post, nothing ticked."""
    return form_fields(html, "/worklist/import/confirm")


def form_fields(html: str, action: str) -> MultiDict[str, str]:
    """What a form of the page would post, as it is."""
    (found,) = [form for form in Page(html).forms if form.action == action]
    return MultiDict([*found.fields, *_SELECTED.findall(html)])


def confirm(client: FlaskClient, data: MultiDict[str, str]) -> TestResponse:
    return client.post("/worklist/import/confirm", data=data)


def stored(records: Records, actor: Actor) -> list[str]:
    """The references that are in the database, in order."""
    found = worklist(records, actor, Query(sort="created", descending=False, size=1000))
    return sorted(case.referral.reference for case in found.cases)
