"""Reads the HTML of a page as a browser would: its title, its words, its forms, its links."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from werkzeug.datastructures import MultiDict

FINISH = "Finish now and hand this over"
LOAD = "Open my answers"
ASIDE = {FINISH, LOAD}
"""Buttons of forms that stand beside the one that a page is about."""
VOID = {"input", "link", "meta", "br", "rect"}


@dataclass
class FoundForm:
    """A form with everything that pressing Enter in it would post, and its buttons by words."""

    action: str
    method: str
    id: str = ""
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: dict[str, tuple[str, str, str]] = field(default_factory=dict)


class Page(HTMLParser):
    """One page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.html = html
        self.forms: list[FoundForm] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.names: list[str] = []
        self._headings: list[tuple[str, str]] = []
        self._open: list[str] = []
        self._words: list[str] = []
        self._button: tuple[str, str, str] | None = None
        self._apart: list[tuple[str, str, str, str]] = []
        self._owner = ""
        self._button_words: list[str] = []
        self._title: list[str] = []
        self.feed(html)

    @property
    def text(self) -> str:
        """Every word that is read, in order."""
        return " ".join(" ".join(self._words).split())

    @property
    def title(self) -> str:
        return "".join(self._title)

    @property
    def headings(self) -> list[str]:
        return self.headings_of("h1")

    def headings_of(self, level: str) -> list[str]:
        return [words for tag, words in self._headings if tag == level]

    @property
    def form(self) -> FoundForm:
        """The page's only form, but for those to leave, open a file or change the language."""
        (only,) = (
            each
            for each in self.forms
            if not ASIDE & each.buttons.keys() and not _changes_language(each)
        )
        return only

    def hidden(self, name: str) -> list[str]:
        return [value for key, value in self.form.fields if key == name]

    def switch(self, tag: str) -> tuple[str, MultiDict[str, str]]:
        """The address and the data that the button of a language sends."""
        for owner, name, value, address in self._apart:
            if (name, value) == ("switch", tag):
                (form,) = (each for each in self.forms if each.id == owner)
                return address or form.action, MultiDict([*form.fields, (name, value)])
        (form,) = filter(_changes_language, self.forms)
        return form.action, MultiDict([*form.fields, ("language", tag)])

    def press(self, words: str) -> tuple[str, MultiDict[str, str]]:
        """The address and the data that pressing a button sends."""
        name, value, action = self.form.buttons[words]
        pairs = [*self.form.fields, *([(name, value)] if name else [])]
        return action or self.form.action, MultiDict(pairs)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        self.tags.append(tag)
        if tag not in VOID:
            self._open.append(tag)
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if tag == "form":
            method, name = found.get("method", "get"), found.get("id", "")
            self.forms.append(FoundForm(found.get("action", ""), method, name))
        if tag == "input":
            self._input(found)
        if tag == "textarea" and self.forms:
            self.forms[-1].fields.append((found.get("name", ""), ""))
        if tag == "button" and found.get("type") != "button" and "disabled" not in found:
            self._owner = found.get("form", "")
            self._button = (
                found.get("name", ""),
                found.get("value", ""),
                found.get("formaction", ""),
            )

    def handle_endtag(self, tag: str) -> None:
        if tag == "button" and self._button and (self.forms or self._owner):
            words = " ".join(" ".join(self._button_words).split())
            if self._owner:
                self._apart.append((self._owner, *self._button))
            else:
                self.forms[-1].buttons[words] = self._button
            self._button, self._button_words = None, []
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "title" in self._open:
            self._title.append(data)
        elif "script" not in self._open:
            self._words.append(data)
            if self._open and self._open[-1] == "textarea" and self.forms:
                name, before = self.forms[-1].fields.pop()
                self.forms[-1].fields.append((name, before + data.removeprefix("\n")))
            if self._button:
                self._button_words.append(data)
            if self._open and self._open[-1] in {"h1", "h2"}:
                self._headings.append((self._open[-1], " ".join(data.split())))

    def _input(self, found: dict[str, str]) -> None:
        name, kind = found.get("name", ""), found.get("type", "text")
        self.names.append(name)
        ticked = kind not in {"radio", "checkbox"} or "checked" in found
        if name and ticked and self.forms:
            self.forms[-1].fields.append((name, found.get("value", "")))


def _changes_language(form: FoundForm) -> bool:
    return any(name == "language" for name, _, _ in form.buttons.values())
