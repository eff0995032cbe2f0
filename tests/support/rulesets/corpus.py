"""The corpus of mistakes: folders laid over a good rule folder, each with the text that it earns.

`PYTHONPATH=tests python -m support.rulesets.corpus NAME…` writes what is said now into the expected
texts of the named entries; read each one as the author of a rule would before it is committed.
Tests never write any.
"""

import sys
from pathlib import Path

from screening.errors import DocumentError
from screening.formats.examples.example_check import check_examples
from screening.formats.examples.example_file import read_examples
from screening.formats.rules.rule_text import RuleText
from screening.formats.rules.rulebook import read_ruleset, unused_items

DATA = Path(__file__).parents[2] / "data"
GOOD = DATA / "good"
LINT = DATA / "lint"


def texts_of(folder: Path) -> dict[str, bytes]:
    """The files of the good folder with those of another laid over them; empty ones are gone."""
    paths = {path.name: path for each in (GOOD, folder) for path in sorted(each.glob("*.yaml"))}
    read = {name: path.read_bytes() for name, path in paths.items()}
    return {name: data for name, data in read.items() if data != b"absent"}


def said(files: dict[str, bytes], name: str = "main") -> str:
    """All that is printed about a rule folder: problems of rules, examples and bank."""
    try:
        return "\n".join(str(problem) for problem in _problems(files, name))
    except DocumentError as error:
        return str(error)


def _problems(files: dict[str, bytes], name: str) -> list[object]:
    texts = {
        each.removesuffix(".yaml"): RuleText(each, data)
        for each, data in files.items()
        if not each.endswith(".examples.yaml")
    }
    ruleset = read_ruleset(name, texts)
    source = f"{name}.examples.yaml"
    examples = read_examples(source, files[source], ruleset)
    found: list[object] = [*check_examples(examples, ruleset, source)]
    return found or list(unused_items(texts, [ruleset]))


def main(names: list[str]) -> None:
    """Write the expected texts of the named entries anew."""
    for name in names:
        text = said(texts_of(LINT / name))
        (LINT / name / "expected.txt").write_text(f"{text}\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
