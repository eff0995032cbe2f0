"""Small items, criteria and rulesets for tests of the core, with the words left to defaults."""

import datetime as dt
from collections.abc import Iterable, Mapping

from screening.core.rules.condition import Compare, Comparison, Condition, OneOf, Unit, Within
from screening.core.rules.item import Item, ItemType, Section
from screening.core.rules.ruleset import (
    Criterion,
    Disagreement,
    DoctorQuestion,
    Outcome,
    Part,
    Position,
    Ruleset,
    Status,
    Strength,
    Tier,
    Trigger,
)
from screening.core.values.answer import AbsentReason, Answer, Value
from screening.core.values.citation import Basis, Citation, Source
from screening.core.values.wording import Wording

AS_OF = dt.date(2026, 11, 20)
UNKNOWN = Answer(absent=AbsentReason.ASKED_UNKNOWN)
CITATIONS = (Citation(source="page", heading="Heading", quote="a quoted phrase"),)
LADDER = (
    ("emergency", Trigger.ANY, Tier.EMERGENCY),
    ("clinician_first", Trigger.ANY, Tier.URGENT),
    ("reason_against", Trigger.ANY, Tier.EXCLUSION),
    ("requirement_unmet", Trigger.REQUIRED_IS_FALSE, None),
    ("differs", Trigger.DESCRIBED_IS_FALSE, None),
    ("met_with_cautions", Trigger.ANY, Tier.CAUTION),
    ("met", Trigger.OTHERWISE, None),
)


ASKED_FOR = (Tier.REQUIRED, Tier.DESCRIBED)
"""The tiers whose criteria speak where they do not hold, written down a second time."""
UNMET = dict(zip((Trigger.REQUIRED_IS_FALSE, Trigger.DESCRIBED_IS_FALSE), ASKED_FOR, strict=True))


def both(text: str) -> Wording:
    return Wording(nurse=f"{text} (nurse)", patient=f"{text} (patient)")


def sentence(text: str) -> Wording:
    return Wording(nurse=f"{text}, says the nurse. It says more.", patient=f"{text}, it is said.")


def item(link_id: str, kind: ItemType = ItemType.YES_NO, **more: object) -> Item:
    common: dict[str, object] = {"ask": both(f"{link_id}?"), "why": both("because")}
    return Item(link_id=link_id, type=kind, section="all", name=f"The {link_id}", **(common | more))  # type: ignore[arg-type]  # the fields differ by type of item


def choice(link_id: str, codes: str = "abc", kind: ItemType = ItemType.CHOICE) -> Item:
    return item(link_id, kind, choices={code: both(f"choice {code}") for code in codes})


def number(link_id: str, low: int = 0, high: int = 9, unit: str = "levels") -> Item:
    return item(link_id, ItemType.NUMBER, minimum=low, maximum=high, unit=unit)


def yes(link_id: str) -> OneOf:
    return OneOf(item=link_id, values=frozenset({True}))


def no(link_id: str) -> OneOf:
    return OneOf(item=link_id, values=frozenset({False}))


def one_of(link_id: str, *codes: str) -> OneOf:
    return OneOf(item=link_id, values=frozenset(codes))


def at_least_number(link_id: str, bound: int) -> Compare:
    return Compare(item=link_id, comparison=Comparison.AT_LEAST, bound=bound)


def at_most_number(link_id: str, bound: int) -> Compare:
    return Compare(item=link_id, comparison=Comparison.AT_MOST, bound=bound)


def within(link_id: str, length: int, unit: Unit = Unit.MONTHS) -> Within:
    return Within(item=link_id, length=length, unit=unit)


def given(**values: Value) -> dict[str, Answer]:
    return {link_id: Answer(value=value) for link_id, value in values.items()}


def criterion(name: str, tier: Tier, condition: Condition) -> Criterion:
    return Criterion(
        id=name,
        ruleset="toy",
        tier=tier,
        condition=condition,
        strength=Strength.MAY,
        say=sentence(f"{name} holds"),
        unmet=sentence(f"{name} does not hold") if tier in ASKED_FOR else None,
        citations=CITATIONS,
    )


def question(name: str, condition: Condition) -> DoctorQuestion:
    return DoctorQuestion(
        id=name, ruleset="toy", condition=condition, say=both(f"{name}?"), citations=CITATIONS
    )


def disagreement(name: str, *touches: str) -> Disagreement:
    position = Position(say=both("one page says so"), citations=CITATIONS)
    return Disagreement(
        id=name, topic=both(name), touches=frozenset(touches), positions=(position,)
    )


def ruleset(  # noqa: PLR0913 - a builder offers each part by name
    items: Iterable[Item],
    criteria: Iterable[Criterion],
    *,
    questions: Iterable[DoctorQuestion] = (),
    disagreements: Iterable[Disagreement] = (),
    opened: bool = True,
    outcomes: Iterable[tuple[str, Trigger, Tier | None]] = LADDER,
) -> Ruleset:
    ladder = tuple(
        Outcome(
            id=name,
            name=name.replace("_", " "),
            trigger=trigger,
            tier=tier,
            say=sentence(f"The outcome {name}"),
        )
        for name, trigger, tier in outcomes
    )
    still_open = Outcome(
        id="more_information",
        name="more information",
        trigger=Trigger.OPEN,
        say=sentence("Still open"),
    )
    return Ruleset(
        id="toy",
        version="1.0.0",
        title=both("Toy"),
        parts=(_part(),),
        questions_version="1.0.0",
        sections=(Section(id="all", title=both("All")),),
        items={each.link_id: each for each in items},
        sources=_sources(),
        criteria=tuple(criteria),
        outcomes=ladder,
        open_outcome=still_open if opened and ladder else None,
        best=tuple(reversed([each.id for each in ladder])),
        favourable=frozenset({"met", "met_with_cautions"} & {each.id for each in ladder}),
        doctor_questions=tuple(questions),
        disagreements=tuple(disagreements),
    )


def _part() -> Part:
    return Part(
        id="toy",
        version="1.0.0",
        title=both("Toy"),
        status=Status.ACTIVE,
        basis=Basis.READ_WHOLE,
        effective_from=AS_OF,
        review_by=AS_OF,
        sources=("page",),
    )


def _sources() -> Mapping[str, Source]:
    page = Source(
        id="page",
        title="A page",
        publisher="A publisher",
        kind="patient information",
        basis=Basis.READ_WHOLE,
        read_on=AS_OF,
    )
    return {"page": page}
