"""What other rules would change: counts, criteria, a list and a table, of one's own sites."""

import csv
from io import StringIO
from typing import NoReturn

import pytest
from flask.testing import FlaskClient
from support.casework.screened_cases import SOME, Screened
from support.pages.page_reader import Page
from support.people import worklist_people
from support.rulesets import shipped
from support.rulesets.other_rules import app_by, case_with, exclusion_that_holds, without

from screening.core.rules.ruleset import Ruleset
from screening.records.access import Actor
from screening.web.shell import long_work


def named(outcomes: list[str]) -> list[str]:
    """Outcomes by their names."""
    known = {outcome.id: outcome.name for outcome in shipped.ruleset().outcomes}
    return [known[each] for each in outcomes if each in known]


def judge_by(client: FlaskClient, ruleset: Ruleset, way: str = "") -> str:
    answer = client.get(f"/audit/impact{way}", query_string={"rules": ruleset.digest})
    assert answer.status_code == 200
    return str(answer.data.decode("utf-8-sig"))


def test_the_same_rules_change_nothing(client: FlaskClient, screened: Screened) -> None:
    assert f"({SOME})" in Page(client.get("/audit/impact").text).text
    read = Page(judge_by(client, shipped.ruleset())).text
    assert f"0 of {SOME} results would have another outcome" in read
    assert "No outcome and no criterion would come out differently" in read


def test_what_changes_is_told_from_what_to_what_by_which_criterion(
    screened: Screened, elsewhere: Screened, auditor: Actor
) -> None:
    gone = exclusion_that_holds(screened)
    fewer, case_id = without(gone), case_with(screened, gone)
    client = worklist_people.signed_in(app_by(fewer, screened.records), auditor)
    html = judge_by(client, fewer)
    read = Page(html).text
    assert f"of {SOME} results" in read
    assert "not in these rules" in read
    assert " ".join(shipped.ruleset().criterion(gone).say.nurse.split()) in read
    assert not [case for case in elsewhere.cases if case in html]
    rows = list(csv.reader(StringIO(judge_by(client, fewer, "/changes.csv"))))
    assert rows[0] == ["Case", "Result", "From", "To", "Criteria", "Answers left out"]
    assert [case_id, "1"] in [row[:2] for row in rows]
    assert any(f"{gone}:true>None" in row[4] for row in rows)
    assert {row[0] for row in rows[1:]} <= set(screened.cases)
    changed = [row for row in rows[1:] if row[2] != row[3]]
    assert changed
    assert f"{len(changed)} of {SOME} results would have another outcome" in read
    assert html.count('<a class="work__case"') == len(changed)
    assert all(f"/audit/{row[0]}/1/" in html for row in changed)
    assert all(each in read for row in changed for each in named(row[2:4]))


def test_the_recorded_rules_can_be_chosen_after_others_came(
    screened: Screened, auditor: Actor
) -> None:
    fewer = without(exclusion_that_holds(screened))
    client = worklist_people.signed_in(app_by(fewer, screened.records), auditor)
    read = Page(judge_by(client, shipped.ruleset())).text
    assert f"0 of {SOME} results would have another outcome" in read


def test_rules_that_are_not_kept_are_not_found(client: FlaskClient, screened: Screened) -> None:
    assert screened.cases
    assert client.get("/audit/impact", query_string={"rules": "0" * 64}).status_code == 404
    assert client.get("/audit/impact", query_string={"rules": "<script>"}).status_code == 404
    assert client.get("/audit/impact/changes.csv").status_code == 400


def test_of_too_many_results_the_command_is_told(client: FlaskClient, screened: Screened) -> None:
    assert screened.cases
    client.application.config["MOST_JUDGED"] = SOME - 1
    answer = client.get("/audit/impact", query_string={"rules": shipped.ruleset().digest})
    assert answer.status_code == 503
    assert "screening impact RULES" in Page(answer.text).text


@pytest.mark.parametrize("address", ["/audit/impact?rules={digest}", "/audit/ledger/verify"])
def test_a_page_of_long_work_says_how_much_is_done_and_can_be_left(
    client: FlaskClient, screened: Screened, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_work, "EVERY", 0.002)
    asked = address.format(digest=shipped.ruleset().digest)
    whole = client.get(asked)
    assert "To stop, leave this page" in whole.text
    assert "finished." in whole.text
    left = client.get(asked)
    assert any("To stop, leave this page" in str(part, "utf-8") for part in left.iter_encoded())
    left.close()
    assert "finished." in client.get(asked).text  # nothing of the one that was left is in the way


def test_long_work_that_fails_says_so_on_its_page(
    client: FlaskClient, screened: Screened, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> NoReturn:
        raise RuntimeError

    monkeypatch.setattr("screening.web.audit.ledger.verify_ledger", broken)
    text = Page(client.get("/audit/ledger/verify").text).text
    assert "did not finish because of an error, so the outcome is not known" in text
    assert "No faults found" not in text


def test_nobody_judges_while_long_work_goes_on(client: FlaskClient, screened: Screened) -> None:
    with long_work.one_at_a_time():
        for way in ("", "/changes.csv"):
            answer = client.get(
                f"/audit/impact{way}", query_string={"rules": shipped.ruleset().digest}
            )
            assert answer.status_code == 503
            assert "busy with another long task" in answer.text


def test_a_page_that_breaks_off_says_so(
    client: FlaskClient, screened: Screened, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        digests: frozenset[str] = frozenset()
        unreadable = 0

        @property
        def found(self) -> NoReturn:
            raise RuntimeError

    monkeypatch.setattr("screening.web.audit.impact._impact_view", lambda *_: Broken())
    answer = client.get("/audit/impact", query_string={"rules": shipped.ruleset().digest})
    assert "This page stopped loading because of an error" in answer.text
