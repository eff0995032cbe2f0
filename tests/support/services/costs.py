"""What a call costs, in units of fixed work that is done right beside it.

A machine that others keep busy slows both alike, so that a limit in units holds where one in
seconds would not. Meanwhile nothing searches what other tests left in memory for garbage.
"""

import gc
import time
from collections.abc import Callable

AT_ONCE = 40.0
"""Units; what nobody waits for: about a second on a quiet machine."""
TRIES = 5


def fixed_work() -> None:
    """Make and drop texts, lists and dicts, as a reader of documents does."""
    for _ in range(20):
        made = {f"{number:05}": [number, str(number)] for number in range(2_000)}
        sorted(made, key=lambda name: name[::-1])


def spent(call: Callable[[], object]) -> float:
    """The CPU seconds that one call takes by itself."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        begun = time.process_time()
        call()
        return time.process_time() - begun
    finally:
        if was_on:
            gc.enable()


def cost(call: Callable[[], object], enough: float = AT_ONCE) -> float:
    """The units that a call costs: of the first try that costs less than `enough`, or the best."""
    best = float("inf")
    for _ in range(TRIES):
        best = min(best, spent(call) / spent(fixed_work))
        if best < enough:
            break
    return best
