"""What an attacker found once, and must not find again."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from support.people.web_people import casework_app
from support.rulesets import shipped
from support.storage import databases

from screening import create_app
from screening.cli import main
from screening.cli.service.listening import trusted_hosts
from screening.core.compiled.model import compile_ruleset
from screening.core.results.assess import assess
from screening.core.rules.ruleset import Status
from screening.core.values.answer import EARLIEST_DAY, Answer
from screening.errors import DocumentError, EarlyDayError
from screening.formats.answers.text import MisfitError, check_value
from screening.formats.documents.answers_json import read_answers
from screening.words.nurse.result import words_of_cautions

TODAY = dt.date(2026, 11, 20)
MET = next(each for each in shipped.examples().values() if each.outcome == "met")
DATED = {"diagnosis_date", "onset_date", "imaging_date"}
NO_DATE = {key: a for key, a in MET.answers.items() if key not in DATED}


@pytest.mark.parametrize("days", [0, 1, 40, 365])
def test_at_the_earliest_days_an_unknown_date_leaves_the_outcome_open(days: int) -> None:
    as_of = EARLIEST_DAY + dt.timedelta(days)
    known = {
        key: Answer(value=as_of) if isinstance(a.value, dt.date) else a
        for key, a in NO_DATE.items()
    }
    result = assess(shipped.ruleset(), known, as_of)
    model = compile_ruleset(shipped.ruleset())
    possible = model.possible_at(model.locate(known, as_of))
    assert not result.favourable
    assert "differs" in result.possible
    assert result.possible == tuple(model.decision_list[place].id for place in sorted(possible))


def test_no_screening_date_and_no_answer_lies_before_the_earliest_day() -> None:
    early = EARLIEST_DAY - dt.timedelta(1)
    with pytest.raises(EarlyDayError, match="1900-01-01"):
        assess(shipped.ruleset(), {}, early)
    with pytest.raises(MisfitError, match="1900-01-01"):
        check_value(shipped.ruleset().items["diagnosis_date"], early, TODAY)
    with pytest.raises(DocumentError, match="early-date"):
        read_answers('{"as_of": "0001-02-15", "answers": {}}', shipped.ruleset(), TODAY)


def test_an_earlier_screening_date_is_said_before_the_result() -> None:
    document = '{"as_of": "2020-01-01", "answers": {}}'
    said = CliRunner().invoke(main, ["assess", "-"], document).output
    assert said.index("The screening date is 1 January 2020, not today") < said.index("Result:")


def test_rules_that_are_retired_or_overdue_are_said_with_every_result() -> None:
    rules = shipped.ruleset()
    first = replace(rules.parts[0], status=Status.RETIRED, review_by=dt.date(2026, 1, 1))
    old = replace(rules, parts=(first, *rules.parts[1:]))
    said = " ".join(words_of_cautions(old, TODAY, TODAY))
    assert "marked retired: not for use" in said
    assert "was due on 1 January 2026" in said
    assert words_of_cautions(rules, TODAY, TODAY) == ()
    client = create_app(ruleset=old, WTF_CSRF_ENABLED=False, TODAY=lambda: TODAY).test_client()
    for address in ("/nurse/", "/nurse/result"):
        page = client.post(address).get_data(as_text=True)
        assert "marked retired: not for use" in page


@pytest.fixture
def client() -> FlaskClient:
    return create_app(ruleset=shipped.ruleset(), TODAY=lambda: TODAY).test_client()


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}]
)
def test_a_form_that_another_site_sends_is_not_given_back(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    forged = client.post("/nurse/result", data={"q-age": "73519184627305"}, headers=headers)
    assert forged.status_code == 400
    assert "73519184627305" not in forged.get_data(as_text=True)
    own = client.post(
        "/nurse/result", data={"q-age": "73"}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert own.status_code == 400
    assert 'value="73"' in own.get_data(as_text=True)


HOSTS = ("203.0.113.7", "fd00::5", "Clinic.example")


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application with casework, on a server that is known by ``HOSTS``."""
    address = f"sqlite:///{tmp_path_factory.mktemp('hosts') / 'hosts.sqlite3'}"
    databases.make_pattern(address)
    with databases.open_records(address) as records:
        yield casework_app(records, TRUSTED_HOSTS=trusted_hosts(HOSTS))


OWN = [
    *("127.0.0.1:8000", "localhost", "[::1]:8000", "[::1]"),
    *("203.0.113.7:1", "[fd00::5]:443", "clinic.example"),
    *("LOCALHOST:1", "Clinic.Example", "CLINIC.EXAMPLE:8000", "[FD00::5]"),
]


@pytest.mark.parametrize("host", OWN)
def test_a_server_answers_under_its_own_names(named: Flask, host: str) -> None:
    answer = named.test_client().get("/account/sign-in", headers={"Host": host})
    assert answer.status_code == 200


FOREIGN = [
    *(
        "evil.example",
        "clinic.example.evil.example",
        "a.clinic.example",
        "localhost.evil",
        "[fd00::6]",
    ),
    *("a..b", ".a", "a" * 64, "127.0.0.1:x", "127.0.0.1:99999", "", " ", "[", "[::1]x", "é", "a/b"),
]


@pytest.mark.parametrize("host", FOREIGN)
@pytest.mark.parametrize("path", ["/", "/health", "/nope", "/static/vendor/nhsuk-frontend.min.css"])
def test_no_other_name_is_served(named: Flask, host: str, path: str) -> None:
    answer = named.test_client().get(path, headers={"Host": host})
    assert (answer.status_code, answer.text) == (400, "This address is not served here.\n")
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "Set-Cookie" not in answer.headers


def test_a_form_is_not_read_under_another_name(named: Flask) -> None:
    data = {"q-age": "73519184627305"}
    answer = named.test_client().post("/nurse/result", data=data, headers={"Host": "evil.example"})
    assert (answer.status_code, answer.text) == (400, "This address is not served here.\n")


def test_a_server_for_everyone_answers_to_any_name_and_repeats_no_text(client: FlaskClient) -> None:
    assert trusted_hosts(["0.0.0.0"]) is None  # noqa: S104 - compared only
    assert client.get("/", headers={"Host": "clinic.example:8000"}).status_code == 200
    odd = client.get("/", headers={"Host": "<canary>"})
    assert "canary" not in odd.text + str(odd.headers)


def test_cases_behind_a_dead_link_are_a_problem_and_not_none(tmp_path: Path) -> None:
    for path in (shipped.ROOT / "rules").glob("*.yaml"):
        if not path.name.endswith(".examples.yaml"):
            (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "documented.examples.yaml").symlink_to(tmp_path / "nowhere")
    result = CliRunner().invoke(main, ["check", str(tmp_path)])
    assert result.exit_code != 0
    assert "documented.examples.yaml" in result.output
