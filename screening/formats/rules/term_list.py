"""The explained words of the question bank."""

from screening.core.rules.term import Term
from screening.formats.yaml.cursor import Cursor

MOST_WORDS = 20
"""The most words of an explanation."""


def read_terms(cursor: Cursor) -> dict[str, Term]:
    """Read ``terms``: an id, the forms in which texts write the word, and what it means.

    Returns:
        The terms that could be read, by their ids; the problems are with the cursor.
    """
    terms: dict[str, Term] = {}
    owners: dict[str, str] = {}
    for key, value in cursor.entries():
        term_id, fields = key.id(), value.fields(("forms", "say"))
        forms = _read_forms(fields["forms"], key.word, owners) if "forms" in fields else ()
        say = _read_say(fields["say"]) if "say" in fields else None
        if term_id and forms and say:
            terms[term_id] = Term(id=term_id, forms=forms, say=say)
    return terms


def _read_forms(cursor: Cursor, owner: str, owners: dict[str, str]) -> tuple[str, ...]:
    """The forms of a word; none of them may be a form of another word, or stand here twice."""
    parts = cursor.parts()
    if cursor.is_list and not parts:
        cursor.report("no-forms", f"`{owner}` has no form", "write the word as texts write it")
    forms: list[str] = []
    for part in parts:
        form = part.sentence()
        if form is None:
            continue
        if form.casefold() in owners:
            message = f"`{form}` is a form of `{owners[form.casefold()]}`"
            part.report("repeated-part", message, "keep one of them")
        owners[form.casefold()] = owner
        forms.append(form)
    return tuple(forms)


def _read_say(cursor: Cursor) -> str | None:
    say = cursor.sentence()
    count = len(say.split()) if say else 0
    if count > MOST_WORDS:
        message = f"the explanation has {count} words"
        cursor.report("long-explanation", message, f"at most {MOST_WORDS}; say one thing")
    return say
