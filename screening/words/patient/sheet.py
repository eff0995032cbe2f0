"""Sentences of the patient's sheet that its page, its PDF and its text share."""

from collections.abc import Iterable, Sequence

from screening.translation import gettext, mark

BRING = (
    mark("This sheet"),
    mark("Pictures of your spine, such as X-ray, CT or MRI, and the reports on them"),
    mark("A list of all the medicines that you take, with blood thinners and pain medicines"),
    mark("A list of your allergies"),
    mark("Someone to listen with you, if you like"),
)
NEUTRAL = mark("Take this sheet to your doctor or nurse.")
PROMPTS = mark(
    "This is a list of questions to ask. It is not a decision aid, and it gives no diagnosis."
)
READ_OUT_NOW = mark("Read these out too when you get help.")
READ_OUT_TODAY = mark(
    "Phone a doctor or nurse today and read these out. If one of them is new or getting worse,"
    " get emergency help now."
)
TELL_SOON = mark("Things to tell a doctor or nurse this week.")
TELL_NOW = mark("Tell them about these too.")
MISFITS = mark("Some of these answers do not fit together. Please ask about them again.")
HOW_SOON = mark(
    "How soon to act is our own advice. The published pages name the signs but give no time."
)


def words_of_bring() -> Sequence[str]:
    """The things to bring, in the reader's language."""
    return [gettext(each) for each in BRING]


def words_of_origin(publishers: Iterable[str], rules: str, version: str) -> str:
    """The pages that a sheet rests on, and the rules that made it."""
    names = "; ".join(publishers)
    return gettext(
        "It rests on pages by: {names}. Rules: {rules} {version}.",
        names=names,
        rules=rules,
        version=version,
    )
