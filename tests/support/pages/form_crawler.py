"""A browser that opens every page which it finds, and presses every button of every form on it.

It types one text wherever a person can type, and adds fields of its own to every form. Each button
is pressed twice: boldly at first, then with care, so that the form is taken.
"""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from io import BytesIO
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

TYPED = {"text", "search", "email", "tel", "url", "number", "password", "date", "time"}
OPENED_AT_MOST = 3
"""How many addresses of one kind of page are opened."""


@dataclass(slots=True)
class Control:
    """A field of a form; a choice has its values."""

    name: str
    kind: str
    value: str = ""
    values: list[str] = field(default_factory=list[str])
    chosen: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class Sendable:
    """A form as a browser knows it; a button is its name, its value and its own address."""

    action: str
    method: str
    controls: list[Control] = field(default_factory=list[Control])
    buttons: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])

    @property
    def names(self) -> set[str]:
        """The names of its fields."""
        return {each.name for each in self.controls}


class Reader(HTMLParser):
    """The forms, links, elements and attributes of a page."""

    def __init__(self, html: str) -> None:
        """Read a page."""
        super().__init__(convert_charrefs=True)
        self.forms: list[Sendable] = []
        self.links: list[str] = []
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.words: list[str] = []
        self._select: Control | None = None
        self._in_form = False
        self.feed(html)

    @property
    def text(self) -> str:
        """Every word, in order."""
        return " ".join("".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        found = {name: value or "" for name, value in attrs}
        self.elements.add(tag)
        self.attributes |= found.keys()
        self.links += [found[name] for name in ("href", "src") if name in found]
        self.words += [found[name] for name in ("value", "title", "alt") if name in found]
        if tag == "form":
            self.forms.append(Sendable(found.get("action", ""), found.get("method", "get")))
            self._in_form = True
        elif self._in_form:
            self._field(tag, found)

    def handle_endtag(self, tag: str) -> None:
        """Note the end of one."""
        if tag == "form":
            self._in_form = False
        if tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        """Note words."""
        self.words.append(data)

    def _field(self, tag: str, found: Mapping[str, str]) -> None:
        form, kind = self.forms[-1], found.get("type", "text")
        name, value = found.get("name", ""), found.get("value", "")
        if tag == "button" and kind != "button" and "disabled" not in found:
            form.buttons.append((name, value, found.get("formaction", "")))
        elif tag in {"input", "textarea", "select"} and name:
            shown = kind if tag == "input" else {"textarea": "text"}.get(tag, tag)
            self._control(Control(name, shown, value), chosen="checked" in found)
        elif tag == "option" and self._select and value:
            self._select.values.append(value)

    def _control(self, control: Control, *, chosen: bool) -> None:
        controls = self.forms[-1].controls
        known = next((each for each in controls if each.name == control.name), None)
        if control.kind in {"radio", "checkbox"}:
            if known is None:
                controls.append(known := control)
            known.values.append(control.value)
            known.chosen += [control.value] if chosen else []
            return
        controls.append(control)
        if control.kind == "select":
            self._select = control


@dataclass
class Crawler:
    """A person's browser.

    Attributes:
        client: who is signed in.
        text: what is typed behind a number that is another each time.
        fixed: what is typed into a field of a page instead.
        file: what is uploaded.
        careful: names of fields that take no free text; they keep what they have in the end.
        extra: the fields that are added to forms, but for those that the form has.
        passed_over: addresses and actions that end the session or shut the person out.
        answers: every page that came.
        sent: the pages that forms were sent to, with the statuses of their answers.
    """

    client: FlaskClient
    text: str
    file: bytes
    careful: re.Pattern[str]
    fixed: Mapping[tuple[str, str], str]
    extra: Mapping[str, str]
    passed_over: Callable[[str], bool]
    answers: list[tuple[str, TestResponse]] = field(default_factory=list)
    sent: dict[str, set[int]] = field(default_factory=dict)
    _tried: dict[object, int] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def crawl(self, *addresses: str) -> None:
        """Begin at these addresses, and go on until there is nothing new."""
        waiting = list(addresses)
        while waiting:
            address = waiting.pop(0)
            most = 1 if address.endswith(".pdf") else OPENED_AT_MOST  # paper takes long to make
            if self._new(address, 1) and self._new(("open", self.endpoint(address)), most):
                waiting += self._read(address, self.client.get(address))

    def endpoint(self, address: str, method: str = "GET") -> str:
        """The page's name in the program; "" if there is none."""
        adapter = self.client.application.url_map.bind("localhost")
        try:
            return str(adapter.match(urlsplit(address).path, method)[0])
        except HTTPException:
            return ""

    def _new(self, what: object, most: int) -> bool:
        self._tried[what] = self._tried.get(what, 0) + 1
        return self._tried[what] <= most

    def _read(self, address: str, answer: TestResponse) -> Iterator[str]:
        """Note an answer, and press its buttons; gives the addresses that it leads to."""
        self.answers.append((address, answer))
        if answer.location:
            yield answer.location
        if answer.mimetype != "text/html":
            return
        page = Reader(answer.text)
        buttons = [(form, button) for form in page.forms for button in form.buttons]
        pressed = [came for pair in buttons for came in self._press(address, *pair)]
        for came in pressed:
            yield from self._read(*came)
        for link in page.links:
            if link.startswith("/") and self.endpoint(link) and not self.passed_over(link):
                yield link

    def _press(
        self, page: str, form: Sendable, button: tuple[str, str, str]
    ) -> Iterator[tuple[str, TestResponse]]:
        """Press a button, boldly and with care; gives what came of it."""
        action = button[2] or form.action or page
        endpoint = self.endpoint(action, "POST")
        if form.method != "post" or self.passed_over(action):
            return
        if not self._new((self.endpoint(page), endpoint, button[:2]), 1):
            return
        for careful in (False, True):
            data = self._filled(form, button, endpoint, careful=careful)
            answer = self.client.post(action, data=data, content_type="multipart/form-data")
            self.sent.setdefault(endpoint, set()).add(answer.status_code)
            yield action, answer

    def _filled(
        self, form: Sendable, button: tuple[str, str, str], endpoint: str, *, careful: bool
    ) -> MultiDict[str, object]:
        text = f"K{next(self._numbers)}{self.text}"
        typed = (
            self._typed(each, self.fixed.get((endpoint, each.name), text), careful=careful)
            for each in form.controls
        )
        pairs = itertools.chain.from_iterable(typed)
        data: MultiDict[str, object] = MultiDict([*pairs])
        if button[0]:
            data[button[0]] = button[1]
        for name, value in self.extra.items():
            if name not in form.names:
                data.add(name, value)
        return data

    def _typed(self, control: Control, text: str, *, careful: bool) -> Iterator[tuple[str, object]]:
        keeps = careful and self.careful.fullmatch(control.name)
        match control.kind:
            case kind if kind == "hidden" or (keeps and kind in TYPED):
                yield control.name, control.value
            case "file":
                yield control.name, (BytesIO(self.file), f"{text[:9]}.csv")
            case "email":
                yield control.name, f"{''.join(text.split())}@clinic.example"
            case "checkbox" | "radio" | "select":
                values = control.chosen if keeps else control.values[:1]
                yield from ((control.name, value) for value in values)
            case kind if kind in TYPED:
                yield control.name, text
