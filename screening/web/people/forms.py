"""Forms about people and sites."""

from typing import Any, cast

from flask_wtf import FlaskForm
from wtforms import (
    Field,
    SelectField,
    SelectMultipleField,
    TextAreaField,
    ValidationError,
)
from wtforms.form import BaseForm
from wtforms.validators import Length

from screening.formats.referrals.text import clean_lines
from screening.records.access import Role
from screening.records.ledger.site_days import zone_names
from screening.records.people.rights_steps import Rights
from screening.records.people.sites import LONGEST_LINES, Site
from screening.records.rights.proposal_errors import NoSiteError
from screening.translation import gettext, mark
from screening.web.accounts.forms import ROLE_WORDS, TOO_LONG, EmailField, NameField
from screening.web.shell.words import capital

MOST_LINES = 6
TOO_MANY_LINES = mark("Enter at most {most} lines")
SERVERS_ZONE = mark("The time zone of the server")


def _zones() -> dict[str, str]:
    """The choices of a time zone."""
    named = {each: each.replace("_", " ") for each in zone_names()}
    return {"": gettext(SERVERS_ZONE)} | named


def _roles() -> dict[str, str]:
    return {role.value: words for role, words in ROLE_WORDS.items()}


class RightsForm(FlaskForm):  # type: ignore[misc]  # the library has no types
    """A person's roles and sites. Sites are set for each request."""

    roles = SelectMultipleField(choices=_roles)
    sites = SelectMultipleField(coerce=int, choices={})

    def __init__(self, sites: list[tuple[int, str]], **kwargs: Any) -> None:  # noqa: ANN401
        """Offer these sites."""
        super().__init__(**kwargs)
        self.sites.choices = cast("dict[str, str]", dict(sites))

    def validate_roles(self, field: Field) -> None:
        """A person without a role can do nothing."""
        if not field.data:
            raise ValidationError(gettext("Choose at least one role"))

    @property
    def chosen_roles(self) -> frozenset[Role]:
        """The roles."""
        return frozenset(Role(value) for value in self.roles.data or ())

    @property
    def chosen_sites(self) -> frozenset[int]:
        """The numbers of the sites."""
        return frozenset(self.sites.data or ())


class PersonForm(RightsForm):
    """A new person."""

    name = NameField(mark("Enter the name of the person"))
    email = EmailField()

    def validate_sites(self, _: Field) -> None:
        """Without a site, a person who works on cases would see none."""
        if self.roles.errors:
            return
        if Rights(roles=self.chosen_roles, sites=self.chosen_sites).lacks_site:
            raise ValidationError(capital(f"{NoSiteError()}"))


class SiteForm(FlaskForm):  # type: ignore[misc]  # the library has no types
    """A site: its name, and the time zone of its days and hours."""

    name = NameField(mark("Enter the name of the site"))
    time_zone = SelectField(default="", choices=_zones)

    @property
    def chosen_zone(self) -> str | None:
        """The time zone by its name; None for the server's."""
        return self.time_zone.data or None


class LinesField(TextAreaField):
    """A few lines that are printed on letters."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - as inherited
        """Take no more than can be kept."""
        most = Length(max=LONGEST_LINES, message=gettext(TOO_LONG, most=LONGEST_LINES))
        super().__init__(validators=[most], **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """White space around a line is no difference."""
        lines = clean_lines(valuelist[0]).splitlines() if valuelist else []
        self.data = "\n".join(filter(None, lines))

    def post_validate(self, form: BaseForm, validation_stopped: bool) -> None:  # noqa: ARG002, FBT001
        """A heading of many lines would push the letter off its page."""
        if (self.data or "").count("\n") >= MOST_LINES:
            raise ValidationError(gettext(TOO_MANY_LINES, most=MOST_LINES))


class ChangeSiteForm(SiteForm):
    """A site with what is printed at the head and at the foot of its letters."""

    letter_head = LinesField()
    letter_foot = LinesField()

    def site(self, number: int) -> Site:
        """The site of a number as the form says."""
        return Site(
            id=number,
            name=self.name.data or "",
            time_zone=self.chosen_zone,
            letter_head=self.letter_head.data or "",
            letter_foot=self.letter_foot.data or "",
        )
