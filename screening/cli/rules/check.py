"""``screening check``: every mistake of the rule files, and the examples beside them."""

from collections.abc import Iterable
from pathlib import Path

import click

from screening.cli.terminal.errors import PROBLEMS, WrongUsageError, print_problems
from screening.cli.terminal.escapes import inert
from screening.cli.terminal.records import read_settings
from screening.core.rules.ruleset import Part, Ruleset
from screening.errors import Problem
from screening.files.clock import today
from screening.files.languages import Translation, find_lost, load_translations
from screening.files.rule_files import Check, check_file, check_folder
from screening.files.rule_texts import load_texts, ruleset_names
from screening.formats.rules.reused_versions import EarlierVersion, find_reused_versions
from screening.resources import rules_folder


@click.command()
@click.argument(
    "paths", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="[FILE|FOLDER]..."
)
@click.pass_context
def check(ctx: click.Context, paths: tuple[Path, ...]) -> None:
    """Check rule files and run the examples beside them.

    Every problem is shown at once, with its place, what was expected, and the nearest word that is
    known. Each criterion needs written examples in which it is true, false and unknown. Words in
    other languages (my-rules/es/) are checked too. A missing text is a warning. A missing emergency
    text is an error: patients are not offered the language, and the check fails.

    Without a name the shipped rules are checked. A FILE finds its question bank and what it
    includes beside it, else among the shipped rules.

    \b
    screening check
    screening check my-rules/
    screening check my-rules/clinic.yaml
    """  # noqa: D301 - click reads \b as "do not wrap"
    checks = [_check(path) for path in paths] or [check_folder()]
    checked = list(zip(paths or [rules_folder()], checks, strict=True))
    translations = [each for pair in checked for each in _load_translations(*pair)]
    found = [*(each.problems for each in checks), *_find_reused(paths)]
    found += [list(each.problems) for each in translations]
    found += [_find_lost(*pair) for pair in checked]
    problems = dict.fromkeys(problem for each in found for problem in each)
    if problems:
        print_problems(list(problems), err=False)
        ctx.exit(PROBLEMS)
    for each in checks:
        _write_summary(each)
    for translation in translations:
        _write_gaps(translation)
    _warn_of_reviews(ruleset for each in checks for ruleset in each.rulesets)
    if any(each.withheld_for for each in translations):
        ctx.exit(PROBLEMS)


def _load_translations(folder: Path, done: Check) -> list[Translation]:
    """The languages that a folder has words in; none of a file, and none of rules with problems."""
    if not folder.is_dir() or done.problems:
        return []
    found, own = load_translations(done.rulesets, folder), folder != rules_folder()
    return [each for each in found if not own or (folder / each.conventions.tag).is_dir()]


def _find_lost(folder: Path, done: Check) -> list[Problem]:
    return find_lost(done.rulesets, folder) if folder.is_dir() else []


def _write_gaps(translation: Translation) -> None:
    """The texts that a language lacks, those first without which it is not offered."""
    gaps = sorted(translation.gaps, key=lambda gap: not gap.emergency)
    tag, withheld = translation.conventions.tag, len(translation.withheld_for)
    for gap in gaps:
        warning = gap.problem._replace(excerpt="")
        click.secho(inert(f"warning: {warning}"), fg="yellow", err=True)
    if withheld:
        missing = "1 emergency text is" if withheld == 1 else f"{withheld} emergency texts are"
        line = f"error: {tag} is not offered to patients: {missing} missing or not reviewed"
        click.secho(inert(line), fg="red", err=True)
    else:
        english = "1 text is shown in English" if len(gaps) == 1 else _SHOWN.format(len(gaps))
        click.echo(inert(f"{tag}: {english if gaps else 'no text is missing'}"))


_SHOWN = "{} texts are shown in English"


def _find_reused(paths: tuple[Path, ...]) -> list[list[Problem]]:
    """The files that have the version of a recorded one and say something else, for each path."""
    earlier = _load_earlier()
    folders: list[Path | None] = [path.parent if path.is_file() else path for path in paths]
    return [list(find_reused_versions(load_texts(each), earlier)) for each in folders or [None]]


def _load_earlier() -> list[EarlierVersion]:
    """The recorded rules; none, and a warning, where the records cannot be read."""
    from screening.records.installation.opening import NoRecordsError, open_existing_database  # noqa: PLC0415 - the same
    from screening.records.rules.recorded import load_earlier  # noqa: PLC0415 - the same
    from screening.records.storage import schema  # noqa: PLC0415 - a check needs no database
    from screening.records.storage.database import DatabaseError  # noqa: PLC0415 - the same

    try:
        database = open_existing_database(read_settings())
        schema.known_revision(database)
        earlier = load_earlier(database)
    except NoRecordsError:
        return []
    except DatabaseError as error:
        warning = f"warning: versions were not compared with what was recorded: {error}"
        click.secho(inert(warning), fg="yellow", err=True)
        return []
    database.close()
    return earlier


def _check(path: Path) -> Check:
    if path.is_file():
        if path.suffix == ".json":
            raise WrongUsageError(
                f"{path} is no rule file. Try `screening assess {path}`, which reads answers."
            )
        return check_file(path)
    if not ruleset_names(path):
        raise WrongUsageError(f"there are no rule files (*.yaml) in {path}")
    return check_folder(path)


def _write_summary(done: Check) -> None:
    for ruleset in done.rulesets:
        criteria, items = len(ruleset.criteria), len(ruleset.items)
        kind = "" if ruleset.outcomes else " (a part for other files to include)"
        line = f"{ruleset.id} {ruleset.version}: {criteria} criteria, {items} questions{kind}"
        click.echo(inert(line))
    examples = "1 example" if done.ran == 1 else f"{done.ran} examples"
    click.secho(f"No problems; {examples} run.", fg="green")


def _warn_of_reviews(rulesets: Iterable[Ruleset]) -> None:
    """A review that is overdue is no mistake of the file, so it does not fail the check."""
    parts: dict[Part, None] = dict.fromkeys(part for each in rulesets for part in each.parts)
    for part in parts:
        if part.review_by < today():
            warning = (
                f"warning: {part.id} {part.version} was due for review by {part.review_by};"
                " someone has to read its sources again"
            )
            click.secho(inert(warning), fg="yellow", err=True)
