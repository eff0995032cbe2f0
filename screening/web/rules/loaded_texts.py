"""The rule files as they were when the application started.

They are recorded with the first result, so that it can be read and judged again whatever the files
say by then.
"""

from collections.abc import Mapping
from typing import cast

from flask import current_app
from flask.blueprints import BlueprintSetupState

from screening.files.rule_texts import load_texts

_TEXTS = "ruleset_texts"


def keep_texts(state: BlueprintSetupState) -> None:
    """Read the files at the start of an application, for its ``record_once``."""
    found = load_texts(state.app.config["RULES"])
    state.app.extensions[_TEXTS] = {
        name: text.data.decode("utf-8", "replace") for name, text in found.items()
    }


def ruleset_texts() -> Mapping[str, str]:
    """The texts, by the names of the files."""
    return cast("Mapping[str, str]", current_app.extensions[_TEXTS])
