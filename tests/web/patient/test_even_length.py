"""An answer of the patient path has the same length, whatever a person answered."""

import gzip
import random
import re
from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient
from support.pages.page_reader import Page
from support.pages.web_states import Fields, patient, states
from support.people.typed_answers import typed
from support.rulesets import shipped
from support.rulesets.builders import UNKNOWN
from werkzeug.test import TestResponse

from screening.core.rules.condition import items_in
from screening.core.rules.item import ItemType
from screening.core.rules.ruleset import Tier
from screening.web.patient.even_length import (
    BLOCK,
    FILE_BLOCK,
    PDF_BLOCK,
    PLAIN_BLOCK,
    SAVED_BLOCK,
    pack,
    pad,
)
from screening.web.patient.matters import LONGEST, MOST

QUESTION, SHEET = "/patient/question", "/patient/result"
MATTERS = "/patient/matters"
SIGNS = sorted(
    {
        link_id
        for criterion in shipped.ruleset().criteria
        if criterion.tier is Tier.EMERGENCY
        for link_id in items_in(criterion.condition)
    }
)
YES_NO = [
    link_id for link_id, item in shipped.ruleset().items.items() if item.type is ItemType.YES_NO
]
TYPED = [
    f"q-{link_id}{part}"
    for link_id, item in shipped.ruleset().items.items()
    for part in {
        ItemType.NUMBER: [""],
        ItemType.DATE: ["-day", "-month", "-year", "-words"],
    }.get(item.type, [])
]
GIVEN = ("yes", "no", "asked-unknown")
ASKS = {"Accept-Encoding": "gzip, deflate, br"}
"""A browser reads compressed answers."""
ARABIC = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"
HELP = b"Get help now"
PAGES = [(QUESTION, "show"), (QUESTION, "check"), (MATTERS, ""), (SHEET, "")]
FILES = ["/patient/sheet/text", "/patient/answers/save"]


@pytest.fixture
def client(client: FlaskClient) -> FlaskClient:
    """A browser that has opened the first page, which gives it its one cookie."""
    client.get("/patient/")
    client.environ_base["HTTP_ACCEPT_ENCODING"] = ASKS["Accept-Encoding"]
    return client


def sent(answer: TestResponse) -> int:
    """The bytes that a server sends for an answer: the status, the headers and the body."""
    return len(answer.status) + len(str(answer.headers)) + len(answer.data)


def words(answer: TestResponse) -> bytes:
    """The body of an answer as a browser reads it."""
    is_packed = answer.headers.get("Content-Encoding") == "gzip"
    return gzip.decompress(answer.data) if is_packed else answer.data


def early(sign: str, value: str) -> Fields:
    """A form on which only the signs up to one are answered, all others of them with no."""
    before = SIGNS[: SIGNS.index(sign)]
    fields = Fields({f"q-{link_id}": "no" for link_id in before})
    fields.update({"at": sign, "action": "continue", f"q-{sign}": value})
    return fields


def late(sign: str, value: str) -> Fields:
    """A form on which everything else is answered."""
    return patient(at=sign, **{sign: value})


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("form", [early, late])
def test_a_sign_does_not_show_in_the_length_of_the_answer(
    client: FlaskClient, sign: str, form: Callable[[str, str], Fields]
) -> None:
    answers = {value: client.post(QUESTION, data=form(sign, value)) for value in GIVEN}
    assert words(answers["yes"]).count(HELP) > words(answers["no"]).count(HELP)
    assert {sent(each) for each in answers.values()} == {sent(answers["no"])}
    assert {each.status for each in answers.values()} == {"200 OK"}


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("action", ["show", "check"])
def test_nor_on_a_page_that_comes_later(client: FlaskClient, sign: str, action: str) -> None:
    forms = (patient(at="cause", action=action, **{sign: value}) for value in GIVEN)
    assert len({sent(client.post(QUESTION, data=each)) for each in forms}) == 1


def with_fields(fields: Fields, **others: str) -> Fields:
    """A form with other values in place of those that it has."""
    changed = Fields(fields)
    for name, value in others.items():
        changed[name] = value
    return changed


def answer_sets() -> Iterator[Fields]:
    rules = shipped.ruleset()
    yield from (typed(rules, each.answers) for each in shipped.examples().values())
    yield typed(rules, dict.fromkeys(rules.items, UNKNOWN))


def test_every_example_has_one_length_on_every_page(client: FlaskClient) -> None:
    pages = [client.post(at, data=each) for each in answer_sets() for at in (MATTERS, SHEET)]
    assert {len(each.data) for each in pages} == {BLOCK}
    sheets = [each for each in pages if b"sheet" in words(each) and b'name="at"' not in words(each)]
    assert len(sheets) > 10


def with_signs(count: int) -> Fields:
    """A form with so many emergency signs, and all else answered."""
    return patient(**dict.fromkeys(SIGNS[:count], "yes"))


def much_written() -> Fields:
    """A form with as much in own words as the fields take, in letters that do not repeat."""
    letters = random.Random(4)
    own = ["".join(letters.choices(ARABIC, k=LONGEST)) for _ in range(MOST)]
    fields = patient()
    fields.setlist("own", own)
    return fields


def full() -> Fields:
    """Every field full, of letters that do not repeat and that take three bytes each."""
    letters = random.Random(4)
    ideographs = [chr(number) for number in range(0x4E00, 0x9FA5)]
    fields = patient(**dict.fromkeys(YES_NO, "yes"))
    for name in TYPED:
        fields[name] = "".join(letters.choices(ideographs, k=100))
    fields.setlist("own", ["".join(letters.choices(ideographs, k=1000)) for _ in range(MOST)])
    return fields


SETS: dict[str, Fields] = {
    **{f"{count} signs": with_signs(count) for count in (0, 1, 2, 4, len(SIGNS))},
    "yes to all": patient(**dict.fromkeys(YES_NO, "yes")),
    "yes to all but the signs": patient(
        **dict.fromkeys(YES_NO, "yes") | dict.fromkeys(SIGNS, "no")
    ),
    "nothing known": typed(shipped.ruleset(), dict.fromkeys(shipped.ruleset().items, UNKNOWN)),
    "much written": much_written(),
    "full": full(),
}
"""An attacker found the first ones in the length of the sheet."""


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_no_answers_show_in_the_length_of_any_page(client: FlaskClient, language: str) -> None:
    """Nor in which page comes next: an emergency leads past the page that asks what matters."""
    lengths = {}
    for name, fields in SETS.items():
        for address, action in PAGES:
            form = with_fields(fields, language=language, at="cause", action=action)
            answer = client.post(address, data=form)
            assert b"</html>" in words(answer)
            lengths[name, address, action] = len(answer.data)
    assert set(lengths.values()) == {BLOCK}, lengths


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_no_answers_show_in_the_length_of_a_file(client: FlaskClient, language: str) -> None:
    forms = {name: with_fields(each, language=language) for name, each in SETS.items()}
    lengths = {
        (name, address): len(client.post(address, data=form).data)
        for name, form in forms.items()
        for address in FILES
    }
    assert set(lengths.values()) == {BLOCK}, lengths
    for name in ("0 signs", "4 signs", "yes to all"):
        assert len(client.post("/patient/sheet/pdf", data=forms[name]).data) == PDF_BLOCK, name


@pytest.mark.parametrize("name", [name for name, each in states().items() if each.fields])
def test_every_page_that_takes_a_patients_form_fills_its_block(
    client: FlaskClient, name: str
) -> None:
    state = states()[name]
    if state.address.startswith("/patient"):
        answer = client.post(state.address, data=state.fields)
        assert len(answer.data) == BLOCK
        assert int(answer.headers["Content-Length"]) == BLOCK
        assert answer.headers["Vary"].count("Accept-Encoding") == 1


@pytest.mark.parametrize(
    ("address", "block"),
    [
        *((address, PLAIN_BLOCK) for address in (QUESTION, MATTERS, SHEET)),
        *((address, FILE_BLOCK) for address in FILES),
    ],
)
def test_what_does_not_read_gzip_gets_blanks(client: FlaskClient, address: str, block: int) -> None:
    """A file has few of them, for it has to fit into the form that opens it again."""
    for fields in SETS.values():
        answer = client.post(address, data=fields, headers={"Accept-Encoding": "identity"})
        assert "Content-Encoding" not in answer.headers
        is_page = answer.mimetype == "text/html"  # which asks what is still open
        assert len(answer.data) == (PLAIN_BLOCK if is_page else block)


def test_a_file_of_answers_has_one_length_when_it_is_sent_back(client: FlaskClient) -> None:
    files = {len(words(client.post(FILES[1], data=each))) for each in SETS.values()}
    assert files == {SAVED_BLOCK}


@pytest.mark.parametrize("address", [QUESTION, MATTERS, SHEET])
def test_headers_and_requests_tell_nothing_either(client: FlaskClient, address: str) -> None:
    """The same headers, no cookie, and the same files are fetched."""
    answers = [client.post(address, data=with_fields(with_signs(n), at="cause")) for n in (0, 4, 6)]
    assert len({str(each.headers) for each in answers}) == 1
    assert "Set-Cookie" not in answers[0].headers
    fetched = [set(re.findall(rb'(?:src|href)="(/static/[^"]*)', words(each))) for each in answers]
    assert fetched == fetched[:1] * 3


@pytest.mark.parametrize("text", ["72" + " " * 50 + "x", "1" * 41, "0" * 60 + "7"])
def test_what_is_cut_is_no_answer(client: FlaskClient, text: str) -> None:
    answer = client.post(QUESTION, data=patient(age=text, at="age", action="continue"))
    assert answer.status_code == 422
    form = patient(at="onset_date", action="continue")
    for part in ("day", "month", "year"):
        form.pop(f"q-onset_date-{part}", None)
    form["q-onset_date-words"] = "3 weeks ago" + " " * 50 + "?"
    assert client.post(QUESTION, data=form).status_code == 422


def test_own_words_that_are_too_long_stay_so_on_the_way_back(client: FlaskClient) -> None:
    fields = patient(at="cause", action="show")
    fields["own"] = "a" * 500
    _, carried = Page(words(client.post(QUESTION, data=fields)).decode()).press("Continue")
    assert LONGEST < len(carried["own"]) < 200
    assert client.post(SHEET, data=carried).status_code == 422


def test_a_page_that_is_the_same_for_all_is_not_filled(client: FlaskClient) -> None:
    assert len(client.get("/patient/").data) < BLOCK


def test_what_is_added_is_blank_and_at_the_end() -> None:
    assert pad(b"abc", 8) == b"abc     "
    assert pad(b"12345678", 8) == b"12345678"


@pytest.mark.parametrize("size", [0, 1, 200, 5000, 70_000])
def test_what_is_packed_fills_whole_blocks_and_is_read_again(size: int) -> None:
    content = random.Random(size).randbytes(size)
    packed = pack(content, BLOCK)
    assert len(packed) % BLOCK == 0
    assert len(packed) - size < BLOCK + 100
    assert gzip.decompress(packed) == content
