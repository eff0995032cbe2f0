"""A person's answers as a file of their own: saved, loaded strictly, and never believed."""

import datetime as dt
import io
import json
from collections.abc import Mapping
from http import HTTPStatus

import pytest
from flask.testing import FlaskClient
from support.pages.page_reader import Page
from support.people.typed_answers import typed
from support.rulesets import shipped
from support.rulesets.builders import UNKNOWN, given
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from screening.core.values.answer import Answer
from screening.formats.documents.saved_answers import LARGEST
from screening.web import create_app

MET = shipped.favourable()
ITEMS = shipped.ruleset().items
LATER = shipped.as_of() + dt.timedelta(days=3)


def save(client: FlaskClient, answers: Mapping[str, Answer], **more: str) -> TestResponse:
    data = typed(shipped.ruleset(), answers)
    data.update(more)
    return client.post("/patient/answers/save", data=data)


def load(client: FlaskClient, content: bytes) -> TestResponse:
    upload = (io.BytesIO(content), "my-answers.json")
    return client.post("/patient/answers/load", data={"file": upload})


def changed(content: bytes, **parts: object) -> bytes:
    return json.dumps({**json.loads(content), **parts}).encode()


def with_fields(content: bytes, *fields: tuple[str, str]) -> bytes:
    """The file with fields put in place of those of the same names."""
    names = {name for name, _ in fields}
    kept = [each for each in json.loads(content)["fields"] if each[0] not in names]
    return changed(content, fields=[*kept, *map(list, fields)])


def test_a_file_gives_every_answer_back(client: FlaskClient) -> None:
    saved = save(client, MET, matters="risks", own="My garden")
    assert saved.mimetype == "application/json"
    assert "my-answers.json" in saved.headers["Content-Disposition"]
    page = Page(load(client, saved.data).text)
    assert page.headings == ["Check your answers"]
    wanted = {*typed(shipped.ruleset(), MET).items(multi=True)}
    sensitive = {f"q-{link_id}" for link_id, item in ITEMS.items() if item.sensitive}
    assert {pair for pair in wanted if pair[0] not in sensitive} <= set(page.form.fields)
    assert ("matters", "risks") in page.form.fields
    assert ("own", "My garden") in page.form.fields


def test_private_answers_are_in_the_file_only_if_ticked(client: FlaskClient) -> None:
    private = {**MET, **given(iv_drug_use=True, pregnancy=True)}
    assert b"iv_drug_use" not in save(client, private).data
    ticked = save(client, private, print="iv_drug_use").data
    assert b"iv_drug_use" in ticked
    assert b"pregnancy" not in ticked
    assert b"print" not in ticked


def test_what_could_not_be_read_is_in_the_file_too(client: FlaskClient) -> None:
    data = typed(shipped.ruleset(), MET)
    data["q-age"] = "seventy"
    saved = client.post("/patient/answers/save", data=data).data
    page = Page(load(client, saved).text)
    assert "These answers do not fit any more" in page.text
    assert f"{ITEMS['age'].ask.patient} “seventy”" in page.text
    assert ("q-age", "seventy") in page.form.fields


def test_an_unknown_field_gets_through_nowhere_and_is_named(client: FlaskClient) -> None:
    odd = ("q-no_such_question", "yes"), ("action", "skip"), ("at", "age"), ("csrf_token", "x")
    page = Page(load(client, with_fields(save(client, MET).data, *odd)).text)
    assert "This service does not know these parts of your file" in page.text
    assert "“q-no_such_question”" in page.text
    assert not {name for name, _ in page.form.fields} & {"q-no_such_question", "at"}


def test_a_choice_that_is_gone_is_named_and_asked_again(client: FlaskClient) -> None:
    content = with_fields(save(client, MET).data, ("q-cause", "stardust"))
    page = Page(load(client, content).text)
    assert f"{ITEMS['cause'].ask.patient} “stardust”" in page.text
    data = MultiDict(page.form.fields)
    assert Page(client.post("/patient/matters", data=data).text).hidden("at") != []


def test_answers_that_are_no_longer_needed_are_named(client: FlaskClient) -> None:
    content = with_fields(save(client, MET).data, ("q-disc_pain", "yes"))
    page = Page(load(client, content).text)
    assert "we no longer need these questions" in page.text
    assert ITEMS["disc_pain"].ask.patient in page.text


@pytest.fixture
def later() -> FlaskClient:
    app = create_app(shipped.ruleset(), TODAY=lambda: LATER, WTF_CSRF_ENABLED=False)
    return app.test_client()


def test_emergency_signs_of_an_earlier_day_are_asked_again(
    client: FlaskClient, later: FlaskClient
) -> None:
    signs = {**MET, "gait_change": UNKNOWN}
    page = Page(load(later, save(client, signs).data).text)
    assert "Signs that need help now can begin at any time" in page.text
    names = {name for name, _ in page.form.fields}
    assert not names & {"q-leg_weakness", "q-gait_change"}
    assert "q-scoliosis" in names


def test_an_emergency_sign_of_an_earlier_day_keeps_its_alarm(
    client: FlaskClient, later: FlaskClient
) -> None:
    page = load(later, save(client, {**MET, **given(leg_weakness=True)}).data).text
    assert "Get help now" in page
    assert 'name="q-leg_weakness" value="yes"' in page


def test_the_day_is_todays(client: FlaskClient, later: FlaskClient) -> None:
    content = changed(save(client, MET).data, saved_on="2031-01-01")
    page = Page(load(later, content).text)
    assert "q-leg_weakness" not in {name for name, _ in page.form.fields}


GOOD = {"file": "answers of vertebra-screening", "format": 1, "saved_on": "2026-11-20"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Choose the file that you saved"),
        (b"   ", "Choose the file that you saved"),
        (b"x" * (LARGEST + 1), "This file is too large"),
        (b"not json", "This is not a file of answers"),
        (b"\xff\xfe", "This is not a file of answers"),
        (b"[]", "This is not a file of answers"),
        (b'{"answers": {}}', "This is not a file of answers"),
        (json.dumps({**GOOD, "fields": [], "format": 2}).encode(), "A newer version"),
        (json.dumps({**GOOD, "fields": [], "format": True}).encode(), "changed or damaged"),
        (json.dumps({**GOOD, "fields": [], "format": "1"}).encode(), "changed or damaged"),
        (json.dumps(GOOD).encode(), "changed or damaged"),
        (json.dumps({**GOOD, "fields": [], "more": 1}).encode(), "changed or damaged"),
        (json.dumps({**GOOD, "fields": {}}).encode(), "changed or damaged"),
        (json.dumps({**GOOD, "fields": [["q-age", 74]]}).encode(), "changed or damaged"),
        (json.dumps({**GOOD, "fields": [["q-age"]]}).encode(), "changed or damaged"),
        (json.dumps({**GOOD, "fields": [["q-age", "7" * 2000]]}).encode(), "changed or damaged"),
        (json.dumps({**GOOD, "fields": [["q-age", "7"]] * 600}).encode(), "changed or damaged"),
        (json.dumps({**GOOD, "fields": [], "saved_on": "today"}).encode(), "changed or damaged"),
        (json.dumps({**GOOD, "fields": [], "saved_on": 3}).encode(), "changed or damaged"),
        (b'{"file": "answers of vertebra-screening", "file": "x"}', "changed or damaged"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(
    client: FlaskClient, content: bytes, said: str
) -> None:
    answer = load(client, content)
    page = Page(answer.text)
    assert answer.status_code == 422
    assert page.title.startswith("Error: ")
    assert said in page.text
    assert "#file" in page.links


def test_without_a_file_one_is_asked_for(client: FlaskClient) -> None:
    answer = client.post("/patient/answers/load")
    assert answer.status_code == 422
    assert "Choose the file that you saved" in answer.text


def test_the_first_page_offers_it(client: FlaskClient) -> None:
    assert "Open my answers" in client.get("/patient/").text


def test_the_earlier_day_is_one_where_the_browser_is() -> None:
    """Also before midnight at the server, where it is another day already for the person."""
    visitor = create_app(shipped.ruleset(), WTF_CSRF_ENABLED=False).test_client()
    here = dt.datetime.now(dt.UTC).date()
    content = changed(save(visitor, MET).data, saved_on=here.isoformat())
    tomorrow = (here + dt.timedelta(days=1)).isoformat()
    for day, again in ((here.isoformat(), False), (tomorrow, True)):
        upload = (io.BytesIO(content), "my-answers.json")
        data = {"file": upload, "browser_day": day}
        page = Page(visitor.post("/patient/answers/load", data=data).text)
        assert (("q-leg_weakness", "no") not in page.form.fields) is again


def test_the_form_that_opens_a_file_tells_the_day_and_the_language(client: FlaskClient) -> None:
    page = Page(client.get("/patient/?language=es").text)
    (form,) = (each for each in page.forms if each.action == "/patient/answers/load")
    assert ("language", "es") in form.fields
    assert ("browser_day", "") in form.fields


def test_a_pdf_of_a_sheet_is_refused_as_what_it_is_in_the_readers_language() -> None:
    visitor = create_app(shipped.ruleset(), WTF_CSRF_ENABLED=False).test_client()
    upload = (io.BytesIO(b"%PDF" + b" " * 131_068), "questions-for-my-doctor.pdf")
    answer = visitor.post("/patient/answers/load", data={"file": upload, "language": "es"})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert '<html lang="es"' in answer.text
    assert "mis-respuestas.json" in answer.text


def test_private_answers_that_are_not_in_the_file_are_named(client: FlaskClient) -> None:
    private = {**MET, **given(iv_drug_use=True), "pregnancy": UNKNOWN}
    said = "A private answer is in your file only if you ticked it."
    page = Page(load(client, save(client, private, print="iv_drug_use").data).text)
    listed = page.text.partition(said)[2].partition("Because of your other answers")[0]
    assert ITEMS["pregnancy"].ask.patient in listed
    links = [link_id for link_id, item in ITEMS.items() if item.sensitive]
    data = typed(shipped.ruleset(), private)
    data.setlist("print", links)
    whole = Page(load(client, client.post("/patient/answers/save", data=data).data).text)
    assert (
        said not in whole.text
        or ITEMS["pregnancy"].ask.patient not in whole.text.partition(said)[2]
    )


def test_the_sheet_says_which_answers_its_file_leaves_out(client: FlaskClient) -> None:
    data = typed(shipped.ruleset(), {**dict.fromkeys(ITEMS, UNKNOWN), **MET})
    data["report"] = "yes"
    said = "A private answer that you do not tick is not in the file."
    assert said in Page(client.post("/patient/result", data=data).text).text


def test_the_day_of_a_file_is_said(client: FlaskClient, later: FlaskClient) -> None:
    content = save(client, MET).data
    assert "You saved them on" not in load(client, content).text
    page = Page(load(later, content).text)
    assert "You saved them on 20 November 2026." in page.text
    assert "more than 4 weeks ago" not in page.text
    assert "after today" not in page.text


def test_a_file_of_a_later_day_is_said_to_be_one(client: FlaskClient) -> None:
    content = changed(save(client, MET).data, saved_on="2031-01-01")
    page = Page(load(client, content).text)
    assert "it was saved on 1 January 2031. That is after today." in page.text
    assert "Check the date on this phone or computer." in page.text
    assert "more than 4 weeks ago" not in page.text


def test_an_old_file_asks_again_about_what_changes(client: FlaskClient) -> None:
    content = save(client, {**MET, **given(fever_chills=False, weight_loss=True)}).data
    fresh = Page(load(client, changed(content, saved_on="2026-10-23")).text)
    assert ("q-fever_chills", "no") in fresh.form.fields
    old = Page(load(client, changed(content, saved_on="2026-10-22")).text)
    assert "That is more than 4 weeks ago." in old.text
    assert ITEMS["fever_chills"].ask.patient in old.text.partition("These can change with time")[2]
    assert "q-fever_chills" not in {name for name, _ in old.form.fields}
    assert ("q-weight_loss", "yes") in old.form.fields


def test_a_day_in_words_of_an_earlier_day_is_not_counted_from_today(client: FlaskClient) -> None:
    content = with_fields(save(client, MET).data, ("q-onset_date-words", "3 weeks ago"))
    kept = [each for each in json.loads(content)["fields"] if "onset_date" not in each[0]]
    words = changed(content, fields=[*kept, ["q-onset_date-words", "3 weeks ago"]])
    page = Page(load(client, changed(words, saved_on="2026-11-01")).text)
    assert "The same words mean another date today" in page.text
    assert f"{ITEMS['onset_date'].ask.patient} “3 weeks ago”" in page.text
    assert not [name for name, value in page.form.fields if "onset_date" in name and value]
    same = Page(load(client, words).text)
    assert "The same words mean another date today" not in same.text
    assert [name for name, value in same.form.fields if "onset_date" in name and value]


def test_a_day_in_words_that_was_read_is_fixed_in_the_file(client: FlaskClient) -> None:
    data = typed(shipped.ruleset(), MET)
    for part in ("day", "month", "year"):
        data.pop(f"q-onset_date-{part}", None)
    data["q-onset_date-words"] = "3 weeks ago"
    content = client.post("/patient/answers/save", data=data).data
    assert b"3 weeks ago" not in content
