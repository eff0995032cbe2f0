import logging
from pathlib import Path

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from jinja2 import StrictUndefined, UndefinedError
from support.pages.page_reader import Page
from support.rulesets import shipped

from screening.errors import DocumentError, NoOutcomesError
from screening.files.rule_files import load_ruleset
from screening.web import create_app
from screening.web.shell import templating
from screening.web.shell.problems import TROUBLES

ANSWER = "canary-7f3a"


@pytest.fixture
def broken(app: Flask) -> Flask:
    """The application with a page that fails, its message holding an answer."""
    app = create_app(shipped.ruleset(), TODAY=fail, WTF_CSRF_ENABLED=False)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


def fail() -> None:
    raise KeyError(ANSWER)


def page_for(status: int, client: FlaskClient, broken: Flask) -> Page:
    answers = {
        404: lambda: client.get("/no-such-page"),
        405: lambda: client.post("/patient/", data={}),
        413: lambda: client.post("/nurse/result", data={"q-age": "9" * 70_000}),
        500: lambda: broken.test_client().get("/nurse/"),
    }
    answer = answers[status]()
    assert answer.status_code == status
    return Page(answer.text)


@pytest.mark.parametrize("status", [404, 405, 413, 500])
def test_a_failure_says_what_happened_and_what_to_do(
    client: FlaskClient, broken: Flask, status: int
) -> None:
    page = page_for(status, client, broken)
    assert page.headings == [TROUBLES[status].happened]
    assert TROUBLES[status].to_do in page.text
    assert "Vertebra Screening" in page.title


def test_a_request_that_cannot_be_understood_gets_the_same_design(app: Flask) -> None:
    app = create_app(shipped.ruleset(), WTF_CSRF_ENABLED=False)
    app.add_url_rule("/odd", "odd", lambda: abort(400))
    answer = app.test_client().get("/odd")
    assert answer.status_code == 400
    assert Page(answer.text).headings == [TROUBLES[400].happened]


def test_a_failure_without_a_page_of_its_own_gets_the_nearest(app: Flask) -> None:
    app = create_app(shipped.ruleset(), WTF_CSRF_ENABLED=False)
    app.add_url_rule("/teapot", "teapot", lambda: abort(418))
    assert app.test_client().get("/teapot").status_code == 400


def test_a_failure_is_logged_without_the_message_that_may_hold_an_answer(
    broken: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = broken.test_client().post("/patient/result", data={"q-age": ANSWER})
    assert answer.status_code == 500
    assert ANSWER not in Page(answer.text).text  # it is in the form, to be sent again
    assert "KeyError at patient.result" in caplog.text
    assert ANSWER not in caplog.text


@pytest.mark.parametrize(
    "missing", ["mark.svg", "screening.css", "screening.js", "vendor/nhsuk-frontend.min.css"]
)
def test_a_missing_static_file_gets_a_page_that_says_so_and_no_second_failure(
    broken: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, missing: str
) -> None:
    def mark(name: str) -> str:
        if name == missing:
            raise FileNotFoundError(name)
        return "0" * 12

    monkeypatch.setattr(templating, "_mark", mark)
    for address, status in (("/sources/", 500), ("/no-such-page", 404)):
        caplog.clear()
        answer = broken.test_client().get(address)
        assert answer.status_code == status
        assert Page(answer.text).headings == [TROUBLES[status].happened]
        assert f'"/static/{missing}"' in answer.text
    assert caplog.text == ""
    broken.test_client().get("/sources/")
    assert caplog.text.count("FileNotFoundError") == 1


def test_a_missing_word_in_a_template_is_an_error(app: Flask) -> None:
    assert app.jinja_env.undefined is StrictUndefined
    with pytest.raises(UndefinedError):
        app.jinja_env.from_string("{{ no_such_word }}").render()


def test_every_kind_of_template_is_escaped(app: Flask) -> None:
    assert app.jinja_env.autoescape is not False
    for name in app.jinja_env.list_templates():
        assert name.endswith(".html"), f"Flask does not escape in {name}"


def test_a_broken_rule_file_keeps_the_server_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "questions.yaml").write_text("questions: bank\n", encoding="utf-8")
    (tmp_path / "documented.yaml").write_text("rules: documented\nwhat: x\n", encoding="utf-8")
    monkeypatch.setattr("screening.files.rule_texts.rules_folder", lambda: tmp_path)
    with pytest.raises(DocumentError) as caught:
        create_app()
    assert len(caught.value.problems) > 1


def test_a_part_without_outcomes_is_not_served() -> None:
    with pytest.raises(NoOutcomesError):
        create_app(load_ruleset("safety"))
