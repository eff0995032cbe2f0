"""The words of a patient's sheet for questions without a usable answer: why it has none."""

from collections.abc import Iterable, Mapping
from enum import Enum, auto

from screening.core.rules.item import Item
from screening.core.values.answer import AbsentReason, Answer
from screening.translation import Phrases


class NoAnswer(Enum):
    """The reason why a question has no usable answer."""

    DID_NOT_KNOW = auto()
    DECLINED = auto()
    NOTHING = auto()
    AT_ODDS = auto()
    NOT_ASKED = auto()

    @classmethod
    def of(cls, answer: Answer | None, *, asked: bool) -> "NoAnswer":
        """Read an answer; a known one counts as missing where it does not fit the others."""
        if answer is None:
            return cls.NOTHING if asked else cls.NOT_ASKED
        if answer.known:
            return cls.AT_ODDS
        declined = answer.absent is AbsentReason.ASKED_DECLINED
        return cls.DECLINED if declined else cls.DID_NOT_KNOW


SIGNS = Phrases(
    {
        NoAnswer.DID_NOT_KNOW: "You were not sure about these signs.",
        NoAnswer.DECLINED: (
            "You said you would rather not answer these questions about emergency signs."
        ),
        NoAnswer.NOTHING: "These questions about emergency signs are still open.",
        NoAnswer.AT_ODDS: "Your answers about these signs do not fit together.",
    }
)
OTHERS = Phrases(
    {
        NoAnswer.DID_NOT_KNOW: "What I am not sure about:",
        NoAnswer.DECLINED: "What I would rather not say:",
        NoAnswer.NOTHING: "What is still open:",
        NoAnswer.AT_ODDS: "Where my answers do not fit together:",
    }
)
TOGETHER = Phrases(
    {
        NoAnswer.DID_NOT_KNOW: "What I did not know",
        NoAnswer.NOT_ASKED: "What a scan report or a doctor can tell",
        NoAnswer.DECLINED: "What I would rather not say, to talk about if I wish",
    }
)


def group_missing(
    items: Iterable[Item],
    answers: Mapping[str, Answer],
    not_asked: frozenset[str],
    words: Mapping[NoAnswer, str],
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Group questions without a usable answer under what the person said to them.

    Returns:
        The words of each group, and the id and the words of each of its questions. Who did not know
        a sign says so in the first person; any other question is as it was asked.
    """
    grouped: dict[NoAnswer, list[tuple[str, str]]] = {kind: [] for kind in words}
    for item in items:
        kind = NoAnswer.of(answers.get(item.link_id), asked=item.link_id not in not_asked)
        if kind in grouped:
            unsure = item.unsure if kind is NoAnswer.DID_NOT_KNOW else ""
            grouped[kind].append((item.link_id, unsure or item.ask.patient))
    return [(words[kind], listed) for kind, listed in grouped.items() if listed]
