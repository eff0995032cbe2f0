"""Thirty cases in a row by keyboard, as a nurse types them: keystrokes and seconds for each.

Usage: PYTHONPATH=tests python tests/bench/bench_journey.py [CASES]

The seconds are the machine's: nobody reads or thinks between two keys. They say what the pages
themselves cost; the keystrokes are a person's.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple
from uuid import uuid4

import waitress
from conftest import CHROMIUM_ARGUMENTS, ROOT
from playwright.sync_api import Page, sync_playwright
from support.people.typed_answers import typed
from support.people.web_people import add_site, casework_app
from support.people.worklist_people import person, referral, signed_in
from support.rulesets import shipped
from support.storage import databases

from screening.core.results.assess import evaluate_ask_if, meets_shown_if
from screening.core.rules.item import Item, ItemType
from screening.core.values.answer import Answer
from screening.core.values.truth import Truth
from screening.records.access import Actor, Role
from screening.records.case.case_view import open_case
from screening.records.casework.cases import add_case
from screening.records.ledger.records import Records
from screening.web.case.none_of_these import groups_of

NO = Answer(value=False)
NAMES = ("everything_met", *sorted(shipped.examples()))


@dataclass(slots=True)
class Hands:
    """The keys that were pressed on one case."""

    page: Page
    keys: int = 0

    def press(self, key: str) -> None:
        """Press a key."""
        self.page.keyboard.press(key)
        self.keys += 1


def main() -> None:
    """Print what each case took, and the middle of all."""
    count = int(sys.argv[1]) if sys.argv[1:] else 30
    with served() as (address, records, nurse, cookies), sync_playwright() as play:
        path = os.environ.get("CHROMIUM") or (ROOT / ".venv" / "chromium").read_text().strip()
        browser = play.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        context = browser.new_context(base_url=address)
        context.add_cookies([each | {"url": address} for each in cookies])
        told = [one_case(context.new_page(), records, nurse, number) for number in range(count)]
        browser.close()
    keys, seconds, questions, after = zip(*told, strict=True)
    print(f"\n{count} cases, each of {statistics.median(questions):.0f} answers (the middle one)")
    print(f"- keystrokes per case: middle {statistics.median(keys):.0f}, most {max(keys)}")
    print(f"- keystrokes per answer: {sum(keys) / sum(questions):.2f}")
    print(f"- keystrokes for decision, letter and closing: most {max(after)}")
    print(f"- seconds per case: middle {statistics.median(seconds):.2f}, most {max(seconds):.2f}")


class Told(NamedTuple):
    """What a case took: keys and seconds to its result, and keys from there to its closing."""

    keys: int
    seconds: float
    answers: int
    after: int


def one_case(page: Page, records: Records, nurse: Actor, number: int) -> Told:
    """Fill in one case, show its result, decide, look at the letter and close."""
    (site,) = nurse.sites
    case_id = add_case(records, nurse, site, referral(number + 1), uuid4().hex)
    answers = shipped.examples()[NAMES[number % len(NAMES)]].answers
    hands, start = Hands(page), time.perf_counter()
    page.goto(f"/case/{case_id}/")
    page.wait_for_selector(".intake--keys")
    fill(hands, answers)
    hands.press("r")
    page.wait_for_url("**/assessments/1")
    took, screened = time.perf_counter() - start, hands.keys
    if not page.locator(".task").is_visible():  # somebody has to be told first
        close(hands)
    page.close()
    stored = open_case(records, nurse, case_id).history.current()
    given = {link_id: each.answer for link_id, each in stored.items()}
    known = {link_id: answer for link_id, answer in answers.items() if answer.known}
    missing = [link_id for link_id in known if link_id not in given]
    if given.items() - known.items() or any(is_shown(each, given) for each in missing):
        raise RuntimeError(case_id)  # a measurement of keys that went astray says nothing
    after = hands.keys - screened
    print(
        f"- case {number + 1:>2}: {screened:>3} keys, {took:5.2f} s, {len(answers)} answers;"
        f" {after} keys for decision, letter and closing"
    )
    return Told(screened, took, max(len(answers), 1), after)


def is_shown(link_id: str, answers: Mapping[str, Answer]) -> bool:
    """True if the page shows a question with these answers; some examples answer others, too."""
    item, day = shipped.ruleset().items[link_id], shipped.as_of()
    hidden = evaluate_ask_if(item, answers, day) is Truth.FALSE
    return not hidden and meets_shown_if(item, answers, day)


def close(hands: Hands) -> None:
    """Decide on the result, look at its letter, and close the case."""
    page, ready = hands.page, "[aria-keyshortcuts]"
    codes = page.locator("[name=choice]").evaluate_all("all => all.map((one) => one.value)")
    place = next(place for place, code in enumerate(codes, 1) if code.startswith("ask-more"))
    page.wait_for_selector(ready)
    for key in ("d", str(place), "Enter"):
        hands.press(key)
    page.wait_for_selector(".reviews__words")
    for key, address in (("l", "**/letter"), ("b", "**/assessments/1"), ("c", "**/close")):
        page.wait_for_selector(ready)
        hands.press(key)
        page.wait_for_url(address)
    page.wait_for_selector(ready)
    for key in ("c", "Enter"):
        hands.press(key)
    page.wait_for_selector(".closed")


def fill(hands: Hands, answers: Mapping[str, Answer]) -> None:
    """Answer every question that has the focus, or pass over it, down to the end of the page.

    Where each question of a group is answered "no", one key says so; a date that is the one above
    takes one key as well.
    """
    seen: set[str] = set()
    grouped: set[str] = set()
    above: Answer | None = None
    while (link_id := focused(hands.page)) and link_id not in seen:
        seen.add(link_id)
        item, answer = shipped.ruleset().items[link_id], answers.get(link_id)
        group = (
            set()
            if item.section in grouped
            else {each.link_id for each in groups_of(shipped.ruleset()).get(item.section, [])}
        )
        keys: Iterable[str] = keys_of(item, answer)
        if link_id in group and all(answers.get(each) == NO for each in group):
            keys = ["x", "Enter"]
            grouped.add(item.section)
        elif item.type is ItemType.DATE and answer is not None and answer.known:
            keys, above = (["=", "Enter"] if answer == above else keys), answer
        for key in keys:
            hands.press(key)


def focused(page: Page) -> str:
    """The question that has the focus; empty at the buttons."""
    found = page.evaluate("document.activeElement.closest('[data-item]')?.dataset.item ?? ''")
    return str(found)


def keys_of(item: Item, answer: Answer | None) -> Iterator[str]:
    """The keys that give an answer and go on."""
    if answer is None or answer.absent is not None:
        yield "Enter"
        return
    (texts, *rest) = list(typed(shipped.ruleset(), {item.link_id: answer}).lists())
    match item.type:
        case ItemType.YES_NO:
            yield "1" if answer.value else "2"
        case ItemType.CHOICE:
            yield str(list(item.choices).index(str(answer.value)) + 1)
        case ItemType.CHOICES:
            yield from (str(list(item.choices).index(code) + 1) for code in texts[1])
            yield "Enter"
        case ItemType.NUMBER | ItemType.DATE:
            parts = [values[0] for _, values in (texts, *rest)]
            yield from " ".join(parts)
            yield "Enter"


@contextmanager
def served() -> Iterator[tuple[str, Records, Actor, list[Any]]]:
    """The application with a nurse who is signed in."""
    with tempfile.TemporaryDirectory() as folder:
        address = f"sqlite:///{Path(folder) / 'bench.sqlite3'}"
        databases.make_pattern(address)
        with databases.open_records(address) as records:
            app = casework_app(records)
            nurse = person(records, Role.NURSE, sites=[add_site(records, "North")], name="Nora")
            client = signed_in(app, nurse)
            names = ("screening", "screening-session")
            found = [client.get_cookie(name) for name in names]
            cookies = [{"name": each.key, "value": each.value} for each in found if each]
            server = waitress.create_server(app, host="127.0.0.1", port=0, threads=4)
            Thread(target=server.run, daemon=True).start()
            yield f"http://127.0.0.1:{server.effective_port}", records, nurse, cookies
            server.close()


if __name__ == "__main__":
    main()
