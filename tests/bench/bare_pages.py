"""Bare pages: Flask, Jinja, Flask-WTF and SQLAlchemy alone, with what a page of ours shows.

A bare form has the fields of ours, under the same names, with the same choices and words. A bare
text has all the words of ours in the same order, each in an element of its own, and the fields of
our forms. It is made in two ways: from memory, and as a page of a record that a signed-in person
opens: the session's person and the record's rows are read from SQLite by SQLAlchemy, in the clear
and without asking who may see them.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from typing import Any

from flask import Flask, render_template, session
from flask_wtf import CSRFProtect, FlaskForm
from jinja2 import DictLoader
from sqlalchemy import Engine, ForeignKey, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from wtforms import HiddenField, RadioField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.widgets import CheckboxInput, ListWidget

HEAD = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>x</title></head>
<body><main>"""
FORM = (
    HEAD
    + """<form method="post">{{ form.hidden_tag() }}
{% for field in form if field.type != "HiddenField" and field.type != "CSRFTokenField" %}<fieldset>
<legend>{{ field.label.text }}</legend><p>{{ field.description }}</p>
{% if field.type == "StringField" %}{{ field(class_="i") }}{% else %}{% for option in field %}
<div>{{ option(class_="i") }} {{ option.label(class_="l") }}</div>{% endfor %}{% endif %}
</fieldset>{% endfor %}<button>Continue</button></form></main></body></html>"""
)
TEXT = (
    HEAD
    + """{% for row in rows %}<div>{% for block in row %}
<{{ block.tag }}{% if block.href %} href="{{ block.href }}"{% endif %}>
{{ block.text }}</{{ block.tag }}>
{% endfor %}</div>{% endfor %}
<form method="post">{{ form.hidden_tag() }}{% for field in form if field.type != "HiddenField"
 and field.type != "CSRFTokenField" %}{{ field() }}{% endfor %}</form></main></body></html>"""
)
OPEN_TAGS = {"input", "link", "meta", "br", "rect", "img", "path", "circle", "line"}
UNREAD = {"script", "style", "title", "option"}
OWN = {"csrf_token"}

Block = dict[str, str]


@dataclass
class Control:
    """What is posted under one name: its kind, its words and its choices."""

    kind: str
    legend: str
    hint: str = ""
    choices: dict[str, str] = field(default_factory=dict)


class Content(HTMLParser):
    """What a page shows: its words in rows, and the controls of its forms by name."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[Block]] = [[]]
        self.controls: dict[str, Control] = {}
        self._open: list[tuple[str, str]] = []
        self._ids: dict[str, tuple[str, str]] = {}
        self._label, self._legend, self._hint = "", "", ""
        self.feed(html)

    @property
    def words(self) -> list[str]:
        """Every word that is read, in order."""
        return " ".join(block["text"] for row in self.rows for block in row).split()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        if tag not in OPEN_TAGS:
            self._open.append((tag, found.get("href", "")))
        if tag == "tr":
            self.rows.append([])
        elif tag in {"fieldset", "legend"}:
            self._legend = self._hint = ""
        elif tag == "label":
            self._label = found.get("for", "")
        elif tag in {"input", "textarea", "select"} and found.get("name"):
            self._control(found.get("type", "text") if tag == "input" else "text", found)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass
        if tag == "label":
            self._label = ""
        elif tag == "table":
            self.rows.append([])

    def handle_data(self, data: str) -> None:
        text, tags = " ".join(data.split()), [tag for tag, _ in self._open]
        if not text or UNREAD & set(tags):
            return
        tag, href = self._open[-1]
        self.rows[-1].append({"tag": tag, "href": href, "text": text})
        if "legend" in tags:
            self._legend = f"{self._legend} {text}".strip()
        elif "fieldset" in tags and "label" not in tags:
            self._hint = f"{self._hint} {text}".strip()
        elif self._label in self._ids:
            name, value = self._ids[self._label]
            self.controls[name].choices[value] = text

    def _control(self, kind: str, found: Mapping[str, str]) -> None:
        name, value = found["name"], found.get("value", "on")
        control = self.controls.setdefault(name, Control(kind, self._legend, self._hint))
        self._hint = ""
        if kind in {"radio", "checkbox"}:
            control.choices[value] = value
            self._ids[found.get("id", "")] = (name, value)

    @cached_property
    def form(self) -> type[FlaskForm]:
        """A form with the same controls, made of Flask-WTF alone."""
        fields = {name: _field(each) for name, each in self.controls.items() if name not in OWN}
        return type("Bare", (FlaskForm,), fields)


def _field(control: Control) -> object:
    told: dict[str, Any] = {"description": control.hint}
    choices: list[Any] = [SelectChoice(value, words) for value, words in control.choices.items()]
    match control.kind:
        case "radio":
            return RadioField(control.legend, choices=choices, validate_choice=False, **told)
        case "checkbox":
            told |= {"widget": ListWidget(), "option_widget": CheckboxInput()}
            return SelectMultipleField(control.legend, choices=choices, **told)
        case "hidden" | "password":
            return HiddenField()
        case _:
            return StringField(control.legend, **told)


class Base(DeclarativeBase):
    """The tables of the bare pages."""


class PersonRow(Base):
    """Somebody who is signed in."""

    __tablename__ = "people"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class RecordRow(Base):
    """A row of a record, with its words as JSON."""

    __tablename__ = "records"
    id: Mapped[int] = mapped_column(primary_key=True)
    page: Mapped[str] = mapped_column(index=True)
    by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    body: Mapped[str]


def fill(pages: Mapping[str, Content], address: str) -> Engine:
    """Store the rows of pages in a new database."""
    engine = create_engine(address)
    Base.metadata.create_all(engine)
    with Session(engine) as opened:
        opened.add(PersonRow(id=1, name="Nora Nurse"))
        opened.add_all(_rows(pages))
        opened.commit()
    return engine


def bare_app(pages: Mapping[str, Content], address: str = "") -> Flask:
    """Pages at ``/form/NAME``, ``/memory/NAME`` and ``/stored/NAME``, for each of these.

    Args:
        pages: what they show.
        address: of a database with their rows; without one, it is in memory, for one thread.
    """
    app = Flask("bare")
    app.secret_key = "k" * 32
    app.jinja_loader = DictLoader({"form.html": FORM, "text.html": TEXT})
    CSRFProtect(app)
    engine = create_engine(address) if address else fill(pages, "sqlite://")

    def stored(name: str) -> str:
        with Session(engine) as opened:
            person = opened.get(PersonRow, session.setdefault("person", 1))
            assert person is not None
            asked = select(RecordRow).where(RecordRow.page == name).order_by(RecordRow.id)
            rows = [json.loads(each.body) for each in opened.scalars(asked)]
        return render_template("text.html", rows=rows, form=pages[name].form())

    def memory(name: str) -> str:
        return render_template("text.html", rows=pages[name].rows, form=pages[name].form())

    def form(name: str) -> str:
        return render_template("form.html", form=pages[name].form())

    for view in (stored, memory, form):
        app.add_url_rule(f"/{view.__name__}/<name>", view_func=view, methods=["GET", "POST"])
    return app


def _rows(pages: Mapping[str, Content]) -> Iterator[Any]:
    for name, content in pages.items():
        for row in content.rows:
            yield RecordRow(page=name, by=1, body=json.dumps(row))
