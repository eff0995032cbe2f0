"""Rules that differ from the shipped ones, and an application that screens by them."""

from dataclasses import replace

from flask import Flask
from support.casework.screened_cases import Screened
from support.people.web_people import QUICK
from support.rulesets import shipped

from screening.core.rules.ruleset import Ruleset
from screening.records.ledger.records import Records
from screening.records.results.content import sealed_portions
from screening.web import create_app

VERSION = "9.9.9"


def exclusion_that_holds(screened: Screened) -> str:
    """A reason against that some stored result was decided by."""
    records = screened.records
    for portion in sealed_portions(records):
        for kept in (each for each in portion if each.case_id in screened.cases):
            for each in kept.open(records.keyring())["assessment"]["criteria"]:
                if (each["truth"], each["tier"]) == ("true", "exclusion"):
                    return str(each["id"])
    raise AssertionError


def case_with(screened: Screened, criterion: str) -> str:
    """A case of whose result a criterion holds."""
    records = screened.records
    for portion in sealed_portions(records):
        for kept in (each for each in portion if each.case_id in screened.cases):
            listed = kept.open(records.keyring())["assessment"]["criteria"]
            if any((each["id"], each["truth"]) == (criterion, "true") for each in listed):
                return kept.case_id
    raise AssertionError


def without(criterion: str) -> Ruleset:
    """The shipped rules but for one criterion."""
    known = shipped.ruleset()
    others = tuple(each for each in known.criteria if each.id != criterion)
    return replace(known, criteria=others, version=VERSION, digest="f" * 64)


def app_by(ruleset: Ruleset, records: Records, **config: object) -> Flask:
    """An application that screens by a ruleset."""
    given = {"TODAY": shipped.as_of, "TESTING": True, "ARGON2": QUICK, "WTF_CSRF_ENABLED": False}
    return create_app(ruleset, records, SECRET_KEY="k" * 32, **given, **config)
