"""What translators fill in, brought up to date: nothing that is translated is lost.

Usage: PYTHONPATH=tests python -m support.translations [--accept] [TAG]...

It adds languages, and updates all: the template of the messages that patients read, the catalogue
of each language, and the overlay of each rule file in it. It shows every translation that nobody
has reviewed since it or its English changed. With --accept these are marked as reviewed.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from support.catalogue import Message, messages
from support.rulesets import shipped

from screening.files.languages import (
    CATALOGUE,
    LOCALE,
    TEMPLATE,
    overlay_path,
    tags_in,
    texts_by_file,
)
from screening.formats.languages.catalogue import EMERGENCY, read_entries
from screening.formats.languages.conventions import Conventions
from screening.formats.languages.reviewed import OF
from screening.formats.rules.overlay_text import unreviewed, write_overlay
from screening.resources import rules_folder

PATIENT = re.compile(
    r"templates/patient/"
    r"|templates/questionnaire/options/"
    r"|templates/shell/(base|problems/(expired|problem))\.html"
    r"|templates/shell/parts/(call_now|demonstration|folded|help\w*|in_english|language\w*|passages|quote\w*"
    r"|terms|without_answers)\.html"
    r"|screening/web/patient/|screening/web/questionnaire/options\.py"
    r"|screening/web/forms/(components|controls|error_summary|fields)\.py"
    r"|screening/web/shell/(language\w*|problems)\.py"
    r"|screening/words/patient/|screening/words/shared/(answers|days|lists)\.py"
    r"|screening/formats/answers/(day_text|vague_days)\.py"
)
"""The places whose messages patients read."""
ALSO = frozenset(
    {
        *("I would rather not say", "I do not know", "declined"),
        *("read whole", "read in part", "second-hand: not checked against the original"),
    }
)
"""Messages of tables that nurses and patients share."""
NEVER = frozenset(
    {
        *("Not known", "Result pending", "Declined", "Or roughly, in words", "Screening date"),
        *("Enter a date", "Enter a date that is not after the screening date", "Unknown"),
        "The day, or the day and the month, may be left empty.",
        *("Only if {condition}.", "on or after {day}, because {fact}"),
        *("on or before {day}, because {fact}", "“{name}” was answered “{answer}”"),
        *("{count} day", "{count} week", "{count} month", "{count} year"),
        "A newer version of this service recorded this result",
        (
            "A record that this page needs cannot be read: it was changed outside the application,"
            " or its key is missing. If it is about a patient, do not decide until it has been"
            " checked. If there is an emergency sign, do not wait: tell the emergency or spinal"
            " team now. Tell the people who run this service."
        ),
        "If you sent a file, go back to the page before instead and choose it again.",
        "Nothing that was known of the person is kept, and nobody can bring it back.",
        *("That was too often", "This case was erased", "This page is not for you"),
        *("The case changed while you had it open", "The records cannot be reached just now"),
        (
            "This version cannot read it. Tell the people who run this service: the newer version"
            " has to be started again."
        ),
        "Wait a moment and try again. Nothing that was saved before is lost.",
        "We limit tries, so that nobody can guess a password. Try again later.",
        "Your account does not open it. If you need it, ask the people who run this service.",
        "Your change was not saved. Open the case again to see what changed.",
    }
)
"""Messages of these places that only nurses and people with accounts read."""
GRAVE = re.compile(r"/(alarm\w*|doubt|finish|help\w*|call_now)\.html|/advice\.py")
GRAVE_WORDS = re.compile(r"emergency|get help|help now|phone a doctor|these signs", re.IGNORECASE)
ANSWERS = frozenset({"Yes", "No", "yes", "no", "I do not know", "I would rather not say"})
"""Answers to the questions about emergency signs, and how a page repeats them."""
WIDTH = 100
ACCEPT = "--accept"
PAIR = "{tag} {key}\n    {english}\n    {said}"


def patient_messages() -> dict[Message, list[str]]:
    """The messages that patients read, each with the files that say it."""
    found: dict[Message, set[str]] = {}
    for message, places in messages().items():
        files = {place.rpartition(":")[0] for place in places}
        read = {each for each in files if PATIENT.match(each)}
        if (read or message.text in ALSO) and message.text not in NEVER:
            found.setdefault(_alike(message, found), set()).update(read or files)
    listed = ((message, sorted(files)) for message, files in found.items())
    return dict(sorted(listed, key=lambda each: (each[1], each[0])))


def _alike(message: Message, found: Iterable[Message]) -> Message:
    """The message that is the same but for how facts are named, where one was found before."""
    same = (each for each in found if (each.text, each.plural) == (message.text, message.plural))
    return next(same, message)


def is_grave(message: Message, files: Iterable[str]) -> bool:
    """True of what somebody has to understand to get help in time, or to answer about a sign."""
    if message.text in ANSWERS:
        return True
    return bool(GRAVE_WORDS.search(message.text) or any(map(GRAVE.search, files)))


def template() -> str:
    """The template of the messages that patients read."""
    return "".join(_entries(patient_messages()))


def _entries(found: dict[Message, list[str]]) -> Iterator[str]:
    yield 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
    for message, files in found.items():
        lines = ["", *([f"#. {EMERGENCY}"] if is_grave(message, files) else [])]
        lines += [f"#: {' '.join(files)}", f"#, {message.facts}", f"msgid {_quoted(message.text)}"]
        if message.plural:
            lines += [f"msgid_plural {_quoted(message.plural)}", 'msgstr[0] ""', 'msgstr[1] ""']
        else:
            lines.append('msgstr ""')
        yield "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def catalogue(tag: str, so_far: str, *, accept: bool = False) -> str:
    """The catalogue of a language with every message; what resembles an old one is marked.

    Args:
        tag: the tag of the language.
        so_far: its catalogue.
        accept: true if somebody has reviewed every translation in it.
    """
    conventions = Conventions(tag)
    kept = read_po(so_far.splitlines(keepends=True), locale=tag, abort_invalid=True)
    kept.update(read_po(template().splitlines(keepends=True)), update_header_comment=False)
    written = _head(conventions) + _body(kept)
    if not accept:
        return written
    digests = {each.english: each.digest for each in read_entries(written, tag)}
    for message in kept:
        if message.id and not message.fuzzy and any(_forms(message.string)):
            english = message.id if isinstance(message.id, str) else message.id[0]
            others = [each for each in message.user_comments if not each.startswith(OF)]
            message.user_comments = [*others, f"{OF} {digests[english]}"]
    return _head(conventions) + _body(kept)


def _forms(said: str | Iterable[str] | None) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said or ())


def _head(conventions: Conventions) -> str:
    lines = [
        f"Language: {conventions.tag}",
        "Content-Type: text/plain; charset=UTF-8",
        f"Plural-Forms: {conventions.plural_rule}",
    ]
    return "\n".join(['msgid ""', 'msgstr ""', *(f'"{line}\\n"' for line in lines), "\n"])


def _body(kept: Catalog) -> str:
    written = BytesIO()
    write_po(written, kept, width=WIDTH, omit_header=True, ignore_obsolete=True)
    return written.getvalue().decode()


def update(
    tags: Sequence[str], folder: Path, locale: Path, *, accept: bool = False
) -> Iterator[str]:
    """Write the template, and catalogues and overlays of languages; gives what has to be reviewed.

    Args:
        tags: the tags of the languages.
        folder: that of the overlays.
        locale: that of the catalogues.
        accept: true to mark all as reviewed.
    """
    locale.mkdir(exist_ok=True)
    (locale / TEMPLATE).write_text(template(), "utf-8")
    for tag in tags:
        path = locale / tag / CATALOGUE
        text = catalogue(tag, _so_far(path).decode())
        yield from _unreviewed_messages(tag, text)
        _write(path, catalogue(tag, text, accept=accept))
        for file, texts in texts_by_file([shipped.ruleset()]).items():
            path = overlay_path(folder, tag, file)
            data = _so_far(path)
            for each, said in unreviewed(tag, texts, data):
                yield PAIR.format(tag=tag, key=each.key, english=each.text, said=said)
            _write(path, write_overlay(file, tag, texts, data, accept=accept))


def _unreviewed_messages(tag: str, text: str) -> Iterator[str]:
    for each in read_entries(text, tag):
        if any(each.forms) and not each.fuzzy and each.of != each.digest:
            said = " | ".join(each.forms)
            yield PAIR.format(tag=tag, key="message", english=each.english, said=said)


def _so_far(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def main(given: Sequence[str]) -> Iterator[str]:
    """Bring all up to date, and say what has to be reviewed, or was marked as reviewed."""
    tags = sorted({*tags_in(), *given} - {ACCEPT})
    count = 0
    for pair in update(tags, rules_folder(), LOCALE, accept=ACCEPT in given):
        count += 1
        yield pair  # shown before it is marked
    done = "marked as reviewed" if ACCEPT in given else "to review"
    yield f"{count} translation{'' if count == 1 else 's'} {done}"


if __name__ == "__main__":
    for line in main(sys.argv[1:]):
        print(line)  # noqa: T201 - it is a command
