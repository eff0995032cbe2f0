"""``screening serve``: the questionnaire and its casework in a web browser, from the records."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from screening import log_lines
from screening.cli.service.demo import spell_program
from screening.cli.service.listening import (
    LOCAL,
    address,
    host_option,
    listen,
    port_option,
    proxy_settings,
    say_lines,
    serve_until_stopped,
)
from screening.cli.service.signing import own_environment, signing
from screening.cli.service.workers import split
from screening.cli.terminal.errors import WrongUsageError
from screening.cli.terminal.options import rules_option, ruleset_option
from screening.errors import NoOutcomesError
from screening.files.rule_files import load_ruleset
from screening.resources import rules_folder

if TYPE_CHECKING:  # no other command pays for loading the web and the database
    from flask import Flask

    from screening.core.rules.ruleset import Ruleset
    from screening.records.installation.settings import Settings
    from screening.records.ledger.records import Records

FIRST = "Nobody has an account yet. Open this once, within 24 hours, to make the first one:"
OPEN_TO_ALL = (
    "Warning: other machines can reach this, and passwords and answers travel to it unprotected."
    " For more than a try, use --production behind a proxy that speaks HTTPS."
)
DEMONSTRATION = "this is a demonstration database, which --production does not serve"


@click.command()
@host_option
@port_option
@click.option("--production", is_flag=True, help="For real patients: every protection is on.")
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="HOST",
    help="A public host name of this service. May be given several times.",
)
@click.option(
    "--behind-proxy",
    "proxies",
    default=0,
    show_default=True,
    type=click.IntRange(0, 10),
    metavar="N",
    help="The number of your own proxies in front, each of which adds X-Forwarded-For.",
)
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 32),
    metavar="N",
    help="The number of processes that serve; more than one uses more processors.",
)
@click.option(
    "--log-requests",
    is_flag=True,
    help="Write a line of JSON for each request to standard error, as --production does.",
)
@ruleset_option
@rules_option
def serve(  # noqa: PLR0913 - one for each option
    *,
    host: str,
    port: int,
    production: bool,
    names: tuple[str, ...],
    proxies: int,
    workers: int,
    log_requests: bool,
    name: str,
    folder: Path | None,
) -> None:
    """Serve the questionnaire to web browsers until Ctrl-C.

    It is reachable from this machine only, unless --host says otherwise. Cases are kept in the
    folder SCREENING_DATA, or at DATABASE_URL; the pages for patients store nothing.

    --production is for real patients. It serves HTTPS names through your proxy, and needs its
    settings to be made first.

    \b
    screening serve
    screening serve --production --name screening.example.org --behind-proxy 1
    screening serve --workers 4
    """  # noqa: D301 - click reads \b as "do not wrap"
    ruleset = load_ruleset(name, folder)
    if not ruleset.outcomes:
        raise NoOutcomesError(ruleset.id)
    from screening.records.installation.opening import open_records  # noqa: PLC0415 - the same
    from screening.records.installation.private_files import make_folder  # noqa: PLC0415 - the same
    from screening.records.installation.settings import Settings  # noqa: PLC0415 - the same
    from screening.records.ledger.epochs import check_newest_epoch  # noqa: PLC0415 - the same
    from screening.records.storage.append_only import check_guards  # noqa: PLC0415 - the same
    from screening.records.storage.database import check_durable  # noqa: PLC0415 - see above
    from screening.records.storage.shape import check_shape  # noqa: PLC0415 - the same

    settings = Settings.read()
    if production:
        _refuse_unready(settings, names)
    log_lines.start(requests=production or log_requests)
    listening = listen(host, port)
    if host not in LOCAL and not production:
        click.echo(OPEN_TO_ALL, err=True)
    worker = split(workers)
    records = open_records(settings)
    check_durable(records.database)
    check_guards(records.database)
    check_shape(records.database)
    check_newest_epoch(records.database, records.keyring())
    make_folder(settings.folder)  # with all else in the environment, heads and their key are there
    if production:
        _refuse_demonstration(records)
    app = _application(ruleset, folder, settings, records, production=production)
    where = f"https://{names[0]}/" if production else address(host, listening)
    lines = [f"Screening runs at {where} (Ctrl-C ends it)", *_first_use(records, where)]

    def say() -> None:
        say_lines(lines if worker.announces else [])
        worker.tell()

    publishes = worker.number == 0
    log_heads = production or log_requests
    with signing(own_environment(), log_heads=log_heads, publishes=publishes) as signer:
        app.config["SIGNER"] = lambda: signer
        serve_until_stopped(
            app,
            listening,
            names=names if production else (host, *names),
            say=say,
            shares=workers > 1,
            **proxy_settings(proxies, secure=production),
        )


def _application(
    ruleset: Ruleset, folder: Path | None, settings: Settings, records: Records, *, production: bool
) -> Flask:
    from screening.records.installation.secret_files import open_secret  # noqa: PLC0415 - the same
    from screening.records.operation.head_check import gather_heads  # noqa: PLC0415 - see above
    from screening.web import create_app  # noqa: PLC0415 - the same

    protections = ("SESSION_COOKIE_SECURE", "REQUIRE_SECOND_FACTOR", "REQUIRE_ACTIVATION")
    safe = dict.fromkeys(protections, True)
    return create_app(
        ruleset=ruleset,
        records=records,
        RULES=folder or rules_folder(),
        SECRET_KEY=open_secret(settings),
        DATA_FOLDER=settings.folder,
        PROGRAM=spell_program(settings.folder),
        HEADS=lambda: gather_heads(settings),
        EMERGENCY_MINUTES=settings.emergency_minutes,
        EMERGENCY_CASES=settings.emergency_cases,
        EMERGENCY_TRIES=settings.emergency_tries,
        NEW_ACCOUNT_DAYS=settings.new_account_days,
        UNUSED_DAYS=settings.unused_days,
        WTF_CSRF_SSL_STRICT=False,  # it asks for a referrer, which our pages tell nobody
        **(safe if production else {}),
    )


def _first_use(records: Records, where: str) -> list[str]:
    """The next step where nobody has an account; none once somebody has."""
    from screening.records.people.first_account import setup_link  # noqa: PLC0415 - see above

    path = setup_link(records)
    return [FIRST, f"  {where.rstrip('/')}{path}"] if path else []


def _refuse_unready(settings: Settings, names: tuple[str, ...]) -> None:
    """Name everything that has to be settled before real patients are served.

    Raises:
        WrongUsageError: if anything is not.
    """
    from screening.records.installation.secret_files import SECRET  # noqa: PLC0415 - the same
    from screening.records.storage.database import is_unchecked_elsewhere  # noqa: PLC0415 - see above

    missing = [] if names else ["--name HOST: the host name that browsers use"]
    if not settings.secret and not (settings.folder / SECRET).exists():
        missing.append("SCREENING_SECRET_KEY: a random secret of 32 characters or more")
    if not settings.keys_elsewhere and not settings.keyring_file.exists():
        missing.append(
            "SCREENING_KEYS, SCREENING_KEYS_FILE or SCREENING_KEY_COMMAND: the keyring, which"
            " `screening keys make` makes; keep a copy of it apart from the backups"
        )
    if is_unchecked_elsewhere(settings.database):
        missing.append(
            "sslmode=verify-full in DATABASE_URL, as in postgresql://…?sslmode=verify-full: the"
            " database is on another host, so its certificate has to be checked"
        )
    if missing:
        listed = "".join(f"\n  {each}" for each in missing)
        raise WrongUsageError(f"--production makes no secrets by itself; it needs{listed}")


def _refuse_demonstration(records: Records) -> None:
    from screening.records.operation.demonstration import is_demonstration  # noqa: PLC0415 - see above

    if is_demonstration(records):
        raise WrongUsageError(DEMONSTRATION)
