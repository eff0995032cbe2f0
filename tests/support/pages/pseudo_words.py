"""A made-up translation on disk: overlays and a catalogue in letters that no English text has."""

import json
from collections.abc import Callable, Collection
from pathlib import Path

from support.pages.pseudo_language import Pseudo
from support.rulesets import shipped

from screening.core.rules.patient_words import PatientText
from screening.files.languages import (
    CATALOGUE,
    LOCALE,
    TEMPLATE,
    load_template,
    overlay_path,
    texts_by_file,
)
from screening.formats.languages.catalogue import Entry
from screening.formats.languages.conventions import Conventions
from screening.formats.languages.reviewed import digest_of_translation

PSEUDO = Pseudo()
NOBODY: Collection[str] = ()


def write_words(
    place: Path, tag: str, *, without: Collection[str] = NOBODY, checked_by: str = ""
) -> None:
    """Write a language in which everything is said but the texts and messages that are left out."""
    write_overlays(place, tag, without=without, checked_by=checked_by)
    write_catalogue(place, tag, without=without)


def write_overlays(
    place: Path, tag: str, *, without: Collection[str] = NOBODY, checked_by: str = ""
) -> None:
    for file, texts in texts_by_file([shipped.ruleset()]).items():
        path = overlay_path(place, tag, file)
        path.parent.mkdir(parents=True, exist_ok=True)
        words = (entry(tag, each) for each in texts if each.key not in without)
        head = f"language: {tag}\nchecked_by: {checked_by}\nwords:\n"
        path.write_text(head + "".join(words), "utf-8")


def entry(tag: str, text: PatientText, say: Callable[[str], str] = PSEUDO.gettext) -> str:
    said = say(text.text)
    of = digest_of_translation(tag, text.key, text.text, said)
    return f'  {text.key}: {{of: "{of}", text: {json.dumps(said, ensure_ascii=False)}}}\n'


def write_catalogue(place: Path, tag: str, *, without: Collection[str] = NOBODY) -> None:
    path = place / tag / CATALOGUE
    path.parent.mkdir(parents=True, exist_ok=True)
    (place / TEMPLATE).write_bytes((LOCALE / TEMPLATE).read_bytes())
    conventions = Conventions(tag)
    said = (_message(each, conventions) for each in load_template() if each.english not in without)
    path.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8"\n' + "".join(said))


def _message(entry: Entry, conventions: Conventions) -> str:
    forms = [PSEUDO.gettext(entry.many or entry.english)] * conventions.plural_forms
    one, many = _quoted(entry.english), _quoted(entry.many)
    if not entry.many:
        of = digest_of_translation(conventions.tag, "", entry.english, forms[0])
        return f"\n# of: {of}\nmsgid {one}\nmsgstr {_quoted(forms[0])}\n"
    of = digest_of_translation(conventions.tag, "", entry.english + entry.many, *forms)
    said = "".join(f"msgstr[{at}] {_quoted(form)}\n" for at, form in enumerate(forms))
    return f"\n# of: {of}\nmsgid {one}\nmsgid_plural {many}\n{said}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
