"""Forms about people and sites."""

from typing import Any, cast

from flask_wtf import FlaskForm
from wtforms import (
    Field,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
    ValidationError,
)
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length, Regexp

from screening.records.access import Role
from screening.records.passwords import LONGEST, SHORTEST, password_problem
from screening.records.people import LONGEST_NAME
from screening.records.proposals import NoSiteError
from screening.records.rightsteps import Rights
from screening.records.zones import zone_names
from screening.web.casewords import capital

ROLE_WORDS = {
    Role.NURSE: "Nurse",
    Role.LEAD_NURSE: "Lead nurse",
    Role.AUDITOR: "Auditor",
    Role.ADMINISTRATOR: "Administrator",
}
ROLE_HINTS = {
    Role.NURSE: "screens cases of the sites below and decides upon results",
    Role.LEAD_NURSE: "also decides against the computed outcome, and exports",
    Role.AUDITOR: "reads cases of the sites below, exports, and reads who did what",
    Role.ADMINISTRATOR: "manages people and sites, and sees no case",
}
PASSWORD_HINT = f"{SHORTEST} to {LONGEST} characters. Several words in a row are easy to remember."
SERVERS_ZONE = "The time zone of the server"
_ZONES = {"": SERVERS_ZONE} | {each: each.replace("_", " ") for each in zone_names()}
_EMAIL = r"^\s*[^\s@]+@[^\s@]+\s*$"


class NameField(StringField):
    """A name that stands on pages and in the records: one line, no odd characters."""

    def __init__(self, what: str, **kwargs: Any) -> None:  # noqa: ANN401 - as inherited
        """Say whose name it is."""
        least = DataRequired(f"Enter {what}")
        most = Length(max=LONGEST_NAME, message=f"Enter at most {LONGEST_NAME} characters")
        super().__init__(validators=[least, most], **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """White space is no difference."""
        self.data = " ".join(valuelist[0].split()) if valuelist else None

    def post_validate(self, form: object, validation_stopped: bool) -> None:  # noqa: ARG002, FBT001
        """Refuse what cannot be seen."""
        if self.data and not self.data.isprintable():
            raise ValidationError("Enter a name of letters, digits and the usual signs")


def _email_field() -> StringField:
    form = Regexp(_EMAIL, message="Enter an e-mail address, such as ann@clinic.example")
    most = Length(max=255, message="Enter at most 255 characters")
    return StringField(validators=[InputRequired("Enter the e-mail address"), form, most])


class RightsForm(FlaskForm):  # type: ignore[misc]  # the library has no types
    """What a person may do, and where. Sites are set for each request."""

    roles = SelectMultipleField(choices={role.value: words for role, words in ROLE_WORDS.items()})
    sites = SelectMultipleField(coerce=int, choices={})

    def __init__(self, sites: list[tuple[int, str]], **kwargs: Any) -> None:  # noqa: ANN401
        """Offer these sites."""
        super().__init__(**kwargs)
        self.sites.choices = cast("dict[str, str]", dict(sites))

    def validate_roles(self, field: Field) -> None:
        """A person without a role can do nothing."""
        if not field.data:
            raise ValidationError("Choose at least one role")

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

    name = NameField("the name of the person")
    email = _email_field()

    def validate_sites(self, _: Field) -> None:
        """Without a site, a person who works on cases would see none."""
        if self.roles.errors:
            return
        if Rights(roles=self.chosen_roles, sites=self.chosen_sites).lacks_site:
            raise ValidationError(capital(f"{NoSiteError()}"))


class SiteForm(FlaskForm):  # type: ignore[misc]  # the library has no types
    """A site: its name, and the time zone that its days and hours are told in."""

    name = NameField("the name of the site")
    time_zone = SelectField(default="", choices=_ZONES)

    @property
    def chosen_zone(self) -> str | None:
        """The time zone by its name; None for the server's."""
        return self.time_zone.data or None


class FirstForm(FlaskForm):  # type: ignore[misc]  # the library has no types
    """The first administrator."""

    name = NameField("your name")
    email = _email_field()
    password = PasswordField(validators=[InputRequired("Enter a password")])
    password_confirm = PasswordField(
        validators=[EqualTo("password", message="Enter the same password in both fields")]
    )

    def validate_password(self, field: Field) -> None:
        """The same rules as for every password."""
        email, name = (str(each.data or "") for each in (self.email, self.name))
        problem = password_problem(field.data or "", email, name)
        if problem:
            raise ValidationError(problem)
