"""Each passage of a template is one message, and a page says the same as before."""

from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment, StrictUndefined
from support.pages.pseudo_language import Pseudo

from screening.resources import templates_folder
from screening.translation import reading_in
from screening.web.shell.page_messages import PageMessages, marked

TEMPLATES = sorted(templates_folder().rglob("*.html"))


def environment(source: str) -> Environment:
    return Environment(
        loader=DictLoader({"page": source}),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=[PageMessages],
    )


def messages(source: str) -> list[object]:
    found = environment("").extract_translations(source)  # type: ignore[attr-defined]
    return [said[0] if isinstance(said, tuple) else said for _, _, said in found]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>One. Two.</p><p>Three</p>", ["One. Two.", "Three"]),
        ("<p>By <b>{{ user.name }}</b>, {{ day }}.</p>", ["By <b>%(name)s</b>, %(day)s."]),
        ("<p>\n  A\n  line</p>", ["A line"]),
        ("<p><a href='/'>One</a> <a href='/'>Two</a></p>", ["One", "Two"]),
        ('<p>See <a href="{{ url_for("x") }}">it</a>.</p>', ['See <a href="%(address)s">it</a>.']),
        ("<p>{% if a %}Yes{% else %}No{% endif %}</p>", ["Yes", "No"]),
        ("<p>{{ a.n }} and {{ b.n }} and {{ a.n }}</p>", ["%(n)s and %(n_2)s and %(n)s"]),
        ("<p>{{ f({'a': {'b': '>'}}) }} words</p>", ["%(f)s words"]),
        ('<th aria-label="Why {{ x }}">1</th>', ["Why %(x)s"]),
        ("<p>{{ a }}: {{ b }} &nbsp; 12</p><script>let words</script>{# no #}", []),
        ("<p>5% of {{ n | int }}</p>", ["5%% of %(n)s"]),
        ("<p><b>{% if a %}x y{% endif %}</b> one</b> two</p>", ["x y", "one", "two"]),
        ('{% macro m() %} class="wide"{% endmacro %}<{{ tag }} id="words">', []),
    ],
)
def test_a_passage_is_a_message(source: str, expected: list[str]) -> None:
    assert messages(source) == expected


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.name))
def test_every_template_keeps_its_lines_and_compiles(path: Path) -> None:
    source = path.read_text("utf-8")
    assert marked(environment(""), source).count("\n") == source.removesuffix("\n").count("\n")
    environment("").parse(source)


def test_facts_are_escaped_and_words_are_not() -> None:
    page = environment("<p>5% of <b>{{ n }}</b> &amp; <i>more</i> {{ html }}</p>")
    said = page.get_template("page").render(n="<1>", html="a%b")
    assert said == "<p>5% of <b>&lt;1&gt;</b> &amp; <i>more</i> a%b</p>"


def test_a_page_is_said_in_the_language_of_its_reader() -> None:
    said = Pseudo().gettext
    page = environment("<p>By <b>{{ n }}</b>, on</p>").get_template("page")
    with reading_in(Pseudo()):
        assert page.render(n="Ann") == f"<p>{said('By')} <b>Ann</b>, {said('on')}</p>"
    assert page.render(n="Ann") == "<p>By <b>Ann</b>, on</p>"
