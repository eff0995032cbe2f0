"""The warnings of a case, in the few words that a list or the head of a page has room for."""

from dataclasses import dataclass, replace
from functools import lru_cache

from screening.core.rules.condition import items_in
from screening.core.rules.ruleset import Ruleset, Tier
from screening.records.case.case_rows import Case, State
from screening.translation import gettext, mark, ngettext
from screening.words.shared.labels import TIER_WORDS
from screening.words.shared.lists import join_name

OPEN = mark("not ruled out")
TAKEN_BACK = mark("emergency sign answered yes, then changed")
EARLIER = mark("emergency sign answered yes earlier")
ANSWERED_YES = mark("{signs}: answered yes.")
ANSWERED_AND_CHANGED = mark("{signs}: answered yes, then changed.")
CHANGED = mark("answered yes, then changed")
UNTOLD, TOLD = mark("nobody told yet"), mark("handed over")
NONE_ANSWERED = mark("no emergency sign is answered")
NOT_READ = mark("emergency signs; save the answers again to see which")
FEW = 2
"""At most this many signs that are not ruled out are named one by one."""
GONE_FLAG = mark("red flag from earlier rules")


@dataclass(frozen=True, slots=True, kw_only=True)
class RedFlag:
    """A red flag as the list tells it: its kind, and the questions whose answers raised it.

    ``task`` is what has to be done about it at once, ``done`` what was.
    """

    tier: str
    kind: str
    names: str
    task: str = ""
    done: str = ""

    @property
    def words(self) -> str:
        """All of it in one line."""
        came_of = self.task or self.done
        said = join_name(self.kind, self.names)
        return gettext("{flag} ({came_of})", flag=said, came_of=came_of) if came_of else said


def red_flag(ruleset: Ruleset, criterion_id: str) -> RedFlag:
    """A criterion in the few words that a list has room for."""
    found = _find_names(ruleset, criterion_id)
    if found is None:
        return RedFlag(tier=Tier.URGENT.value, kind=gettext(GONE_FLAG), names="")
    tier, names = found
    return RedFlag(tier=tier.value, kind=TIER_WORDS[tier], names=names)


@lru_cache(maxsize=1000)  # a list has the same ones on many lines
def _find_names(ruleset: Ruleset, criterion_id: str) -> tuple[Tier, str] | None:
    """The tier of a criterion, and the names of what it reads."""
    for criterion in ruleset.criteria:
        if criterion.id == criterion_id:
            read = items_in(criterion.condition)
            names = ", ".join(item.name for key, item in ruleset.items.items() if key in read)
            return criterion.tier, names
    return None


def red_flags(ruleset: Ruleset, case: Case) -> tuple[RedFlag, ...]:
    """The warnings of a case, gravest first: signs that are or were there or are not ruled out."""
    found = [red_flag(ruleset, each) for each in case.red_flags]
    emergencies = len(case.emergencies)
    grave = found[:emergencies]
    if grave and case.handed_over is not None:
        whole = set(case.emergencies) <= set(case.handed_over)
        grave[-1] = replace(grave[-1], **({"done": gettext(TOLD)} if whole else _task()))
    over = (*_taken_back(ruleset, case), *_earlier(case))
    return (*grave, *over, *_open_signs(ruleset, case), *found[emergencies:])


def waiting_words(ruleset: Ruleset, case: Case) -> str:
    """The emergency signs that wait for their handover, in a sentence; empty without one."""
    told = case.handed_over if case.handed_over is not None else case.emergencies
    waiting = dict.fromkeys((each for each in case.emergencies if each not in told), ANSWERED_YES)
    waiting |= dict.fromkeys(case.taken_back, ANSWERED_AND_CHANGED)
    return " ".join(
        gettext(said, signs=sign_names(ruleset, each)) for each, said in waiting.items()
    )


def sign_names(ruleset: Ruleset, criterion_id: str) -> str:
    """The emergency signs of a criterion by their names."""
    found = red_flag(ruleset, criterion_id)
    return found.names or found.kind


def _task() -> dict[str, str]:
    return {"task": gettext(UNTOLD)}


def _taken_back(ruleset: Ruleset, case: Case) -> tuple[RedFlag, ...]:
    """The emergencies that a later answer took back before anybody was told."""
    found = (red_flag(ruleset, each) for each in case.taken_back)
    return tuple(replace(each, kind=gettext(TAKEN_BACK), **_task()) for each in found)


def _earlier(case: Case) -> tuple[RedFlag, ...]:
    """A mark of an emergency that was dealt with and that the answers no longer show."""
    if not case.noted or case.emergencies or case.taken_back:
        return ()
    return (RedFlag(tier="open", kind=gettext(EARLIER), names=""),)


def _open_signs(ruleset: Ruleset, case: Case) -> tuple[RedFlag, ...]:
    """The emergency signs that nobody has ruled out, in the room that a list has."""
    signs = case.open_signs
    if signs == ():
        return ()
    if signs is None:  # of a new case, or of one that was saved before these were kept
        names = gettext(NONE_ANSWERED if case.state is State.NEW else NOT_READ)
    else:
        names = _names(ruleset, signs)
    return (RedFlag(tier="open", kind=gettext(OPEN), names=names),)


def _names(ruleset: Ruleset, signs: tuple[str, ...]) -> str:
    if ruleset.items_of(Tier.EMERGENCY) <= set(signs):
        return gettext(NONE_ANSWERED)
    if len(signs) > FEW:
        return ngettext("{count} emergency sign", "{count} emergency signs", len(signs))
    return ", ".join(ruleset.items[each].name for each in signs if each in ruleset.items)
