"""``screening ask``: the questionnaire in the terminal, one question at a time."""

import datetime as dt
import json
import sys
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

import click

from screening.cli.questionnaire.interview import Interview, choices_of, wanted
from screening.cli.questionnaire.result_lines import (
    LOOK_AGAIN,
    result_data,
    write_answers_given,
    write_result,
    write_sheet,
)
from screening.cli.terminal.citations import write_citations
from screening.cli.terminal.errors import PROBLEMS, WrongUsageError
from screening.cli.terminal.options import Day, json_option, rules_option, ruleset_option
from screening.cli.terminal.paper import Paper, print_json
from screening.core.answer import EARLIEST_DAY
from screening.core.assess import assess
from screening.core.item import Item, ItemType
from screening.core.model import compiled
from screening.core.ruleset import GRAVE, Ruleset, Tier
from screening.core.wording import Audience
from screening.errors import NoOutcomesError
from screening.files.answer_files import load_answers, save_answers
from screening.files.rule_files import load_ruleset, today
from screening.formats.answers.text import MisfitError
from screening.formats.documents.answers_json import write_answers
from screening.proof.reasons import Explainer
from screening.words.shared.answers import words_of_answer
from screening.words.shared.days import words_of_day
from screening.words.shared.labels import TIER_WORDS

LONGEST_LINE = 1000
"""Bytes of a typed line that are read; the rest of it is passed over."""


@click.command()
@ruleset_option
@rules_option
@click.option("--patient/--nurse", default=False, help="Whose words to ask in.  [default: nurse]")
@click.option(
    "--from",
    "start",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Continue with the answers of FILE.",
)
@click.option(
    "--save",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Save to FILE after every answer.",
)
@click.option(
    "--as-of",
    type=Day(),
    help="The screening date; by default today, by the clock of this machine.",
)
@click.option(
    "--all", "everything", is_flag=True, help="Ask every question, in the questionnaire's order."
)
@json_option
def ask(  # noqa: PLR0913 - click passes every option
    *,
    name: str,
    folder: Path | None,
    patient: bool,
    start: Path | None,
    save: Path | None,
    as_of: dt.date | None,
    everything: bool,
    as_json: bool,
) -> None:
    """Ask what can matter, then show the result.

    Warning signs come first, then the question that can tell most about the result, until no
    further answer can change it; in a patient's words, the order of the questionnaire is kept.

    Answer with the number of a choice. A date may be a day, a month, a year, or words such as
    “about 3 weeks ago” or “more than a year ago”.

    At any question ? says why it is asked, b goes back and q ends with what was answered.
    To continue another time, save the answers.

    \b
    screening ask
    screening ask --patient
    screening ask --all
    screening ask --save answers.json
    screening ask --from answers.json --save answers.json
    """  # noqa: D301 - click reads \b as "do not wrap"
    if patient and as_json:
        raise WrongUsageError("--json is the nurse's result; a patient's page has no such data")
    ruleset = load_ruleset(name, folder)
    if not ruleset.outcomes:
        raise NoOutcomesError(ruleset.id)
    audience = Audience.PATIENT if patient else Audience.NURSE
    explainer = Explainer(compiled(ruleset))
    interview = Interview(
        ruleset, audience, _day(as_of), None if patient else explainer, everything
    )
    if start and as_of:
        raise WrongUsageError("--from brings its own screening date, so leave out --as-of")
    if start:
        (interview.answers, interview.as_of, interview.birth_year) = load_answers(start, ruleset)
    if save and save.exists() and not (start and save.samefile(start)):
        raise WrongUsageError(f"{save} exists already; use `--from {save}` to continue it")
    talk = _Talk(interview, explainer, Paper(err=as_json), save)
    try:
        _run(talk, as_json=as_json)
    finally:
        talk.remind()


def _run(talk: "_Talk", *, as_json: bool) -> None:
    """Ask, then show the result; of an interview that was left there is none."""
    if not talk.hold():
        click.get_current_context().exit(PROBLEMS if talk.cut_off else 0)
    if as_json:
        talk.write_data()
    else:
        talk.conclude()


def _day(given: dt.date | None) -> dt.date:
    day = given or today()
    if day > today():
        raise WrongUsageError(f"the screening date {day} is in the future")
    if day < EARLIEST_DAY:
        raise WrongUsageError(f"the screening date {day} is before {EARLIEST_DAY}")
    return day


@dataclass(slots=True)
class _Talk:
    """A conversation in the terminal. ``cut_off`` tells an input that ended from a wish to stop."""

    interview: Interview
    explainer: Explainer
    paper: Paper
    save: Path | None
    cut_off: bool = False
    section: str = ""
    told: set[str] = field(default_factory=set[str])
    doubted: tuple[str, ...] = ()

    def hold(self) -> bool:
        """Ask until nothing is left to ask; False if the person ended it before."""
        self._greet()
        self._keep()
        item = self.interview.find_next()
        while item:
            self._put(item)
            typed = self._line()
            if typed in (None, "q", "Q"):
                self.cut_off = typed is None
                self._leave()
                return False
            item = self._react(item, typed or "")
        return True

    def conclude(self) -> None:
        """Show the result, in the register of the person."""
        assessment = assess(self._ruleset, *self.interview.known)
        self.paper.gap()
        if self._audience is Audience.PATIENT:
            write_sheet(self.paper, assessment)
        else:
            explanation = self.explainer.explain(*self.interview.known)
            write_result(self.paper, assessment, explanation)
        if self.save:
            self.paper.gap()
            self.paper.text(f"The answers are saved in {self.save}.")

    def write_data(self) -> None:
        """Print the nurse's result as data."""
        known = self.interview.known
        explanation = self.explainer.explain(*known)
        print_json(result_data(assess(self._ruleset, *known), explanation))

    def remind(self) -> None:
        """Say the gravest advice once more, so that it stands last and has not scrolled away."""
        tiers = {criterion.tier for criterion in self.interview.alarms()}
        gravest = next((tier for tier in GRAVE if tier in tiers), None)
        if gravest:
            self.paper.gap()
            self._advise({gravest})

    @property
    def _ruleset(self) -> Ruleset:
        return self.interview.ruleset

    @property
    def _audience(self) -> Audience:
        return self.interview.audience

    def _greet(self) -> None:
        self.paper.title(self._ruleset.title.to(self._audience))
        self.paper.text(f"Screening date: {words_of_day(self.interview.as_of)}")
        if self.interview.as_of < today():
            self.paper.text(_EARLIER)
        if self._audience is Audience.PATIENT:
            self.paper.text(_URGENT)
        self.paper.text(_KEYS)
        self._warn()
        self._doubt()

    def _put(self, item: Item) -> None:
        """Put a question, with its section's heading where that begins."""
        if item.section != self.section:
            self._announce(item.section)
        audience = self._audience
        self.paper.gap()
        self.paper.text(item.ask.to(audience), bold=True)
        if item.help:
            self.paper.text(item.help.to(audience), 2)
        for number, words in enumerate(choices_of(item, audience), start=1):
            self.paper.text(words, 2, f"{number}  ")
        if item.type is ItemType.CHOICES:
            self.paper.text("Several may be given, such as 1,2", 2)
        if item.type is ItemType.NUMBER:
            self.paper.text(f"A whole number from {item.minimum} to {item.maximum}", 2)
        if item.type is ItemType.DATE:
            self.paper.text(_DATES, 2)
        for key, (_, words) in self.interview.reasons(item).items():
            self.paper.text(words, 2, f"{key}  ")
        if item.link_id in self.interview.answers:
            so_far = words_of_answer(item, self.interview.answers[item.link_id], audience)
            self.paper.text(f"keep the answer so far: {so_far}", 2, "k  ")

    def _announce(self, section_id: str) -> None:
        self.section = section_id
        sections = [section.id for section in self._ruleset.sections]
        number = sections.index(section_id)
        title = self._ruleset.sections[number].title.to(self._audience)
        self.paper.heading(f"Section {number + 1} of {len(sections)}: {title}")

    def _react(self, item: Item, typed: str) -> Item | None:
        """Do what was typed; the next question."""
        if typed == "?":
            self._explain(item)
            return item
        if typed in ("b", "B"):
            before = self.interview.find_before(item)
            if before is None:
                self.paper.text("This is the first question.")
            return before or item
        if typed not in ("k", "K") or item.link_id not in self.interview.answers:
            try:
                self.interview.answers[item.link_id] = self.interview.read(item, typed)
            except MisfitError as misfit:
                self._refuse(item, typed, misfit)
                return item
            self._keep()
            self._warn()
            self._doubt()
        return self.interview.find_next()

    def _explain(self, item: Item) -> None:
        """Why a question is asked, with every passage that a criterion reading it rests on."""
        self.paper.text(f"Why we ask: {item.why.to(self._audience)}", 2)
        readers = self._ruleset.readers(item.link_id)
        quoted = [*item.citations, *(c for reader in readers for c in reader.citations)]
        write_citations(self.paper, self._ruleset, quoted, 4)

    def _refuse(self, item: Item, typed: str, misfit: MisfitError) -> None:
        found = "That is not an answer here" if typed else "Nothing was typed"
        keys = " or ".join(self.interview.reasons(item))
        self.paper.text(f"{found}. Please type {wanted(item, misfit)}, or {keys}.", fg="yellow")

    def _warn(self) -> None:
        """Say at once what a grave answer calls for; once for each sign."""
        alarms = self.interview.alarms()
        for criterion in alarms:
            if criterion.id not in self.told:
                self.paper.gap()
                sign = f"{TIER_WORDS[criterion.tier].upper()}: "
                head = sign if self._audience is Audience.NURSE else ""
                words = f"{head}{criterion.say.to(self._audience)}"
                self.paper.text(words, 0, "!! ", fg="red", bold=True)
        self._advise({criterion.tier for criterion in alarms if criterion.id not in self.told})
        self.told = {criterion.id for criterion in alarms}

    def _advise(self, tiers: Collection[Tier]) -> None:
        for outcome in self._ruleset.outcomes:
            if outcome.tier in tiers:
                self.paper.text(outcome.say.to(self._audience), 0, "!! ", fg="red", bold=True)

    def _doubt(self) -> None:
        """Say at once which answers cannot all be true; once for each set of answers."""
        found = self.interview.contradictions(self._audience)
        for words in found:
            if words not in self.doubted:
                self.paper.gap()
                self.paper.text(f"{LOOK_AGAIN} {words}", 0, "?? ", fg="yellow", bold=True)
        self.doubted = found

    def _keep(self) -> None:
        """Save the answers so far; if that fails, say so and go on without."""
        if self.save is None:
            return
        try:
            save_answers(self.save, *self.interview.known)
        except OSError as error:
            self.paper.text(f"Cannot save to {self.save}: {error.strerror}.", fg="red")
            self.save = None

    def _leave(self) -> None:
        """End before the last question, with all that was answered."""
        interview = self.interview
        assessment = assess(self._ruleset, *interview.known)
        self.paper.gap()
        count = len(interview.answers)
        self.paper.text(f"Ended with {count} {'answer' if count == 1 else 'answers'}.", bold=True)
        write_answers_given(self.paper, assessment, self._audience)
        if self.save:
            again = f"screening ask --from {self.save} --save {self.save}"
            self.paper.text(f"They are saved. To continue: {again}")
        elif count:
            self.paper.text(
                "They are not saved. To continue, save this in a file and use `ask --from FILE`:"
            )
            document = write_answers(*interview.known)
            click.echo(json.dumps(document, ensure_ascii=False), err=True)

    def _line(self) -> str | None:
        """What was typed; None if the input has ended."""
        try:
            self.paper.prompt()
            line = rest = sys.stdin.buffer.readline(LONGEST_LINE)
            while rest and not rest.endswith(b"\n"):
                rest = sys.stdin.buffer.readline(LONGEST_LINE)
        except KeyboardInterrupt:
            line = b""
        typed = line.decode("utf-8", "replace").strip()
        if not sys.stdin.isatty():
            self.paper.text(typed)  # a transcript shows what was answered
        return typed if line else None


_KEYS = "At any question: ? why we ask · b back · q stop"
_DATES = "Such as 1 Oct 2026, Oct 2026, 2026, or: about 3 weeks ago"
_EARLIER = "That was before today. Signs can change: for today, begin a new screening."
_URGENT = (
    "If a leg becomes weak, if you go numb between your legs, or if your bladder or bowel changes,"
    " stop here and get emergency help."
)
