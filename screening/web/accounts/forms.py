"""Fields of accounts: names, addresses, roles and passwords in words; the first administrator."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, PasswordField, StringField, ValidationError
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length, Regexp

from screening.records.access import Role
from screening.records.people.passwords import LONGEST, SHORTEST, password_problem
from screening.records.people.people import LONGEST_NAME
from screening.translation import Phrases

ROLE_WORDS = Phrases(
    {
        Role.NURSE: "Nurse",
        Role.LEAD_NURSE: "Lead nurse",
        Role.AUDITOR: "Auditor",
        Role.ADMINISTRATOR: "Administrator",
    }
)


ROLE_HINTS = Phrases(
    {
        Role.NURSE: "screens cases of the sites below and decides on results",
        Role.LEAD_NURSE: "also decides against the computed outcome, and exports",
        Role.AUDITOR: "reads cases of the sites below, exports, and reads who did what",
        Role.ADMINISTRATOR: "manages people and sites, and sees no case",
    }
)


PASSWORD_HINT = f"{SHORTEST} to {LONGEST} characters. Several words in a row are easy to remember."


EMAIL = r"^\s*[^\s@]+@[^\s@]+\s*$"


class NameField(StringField):
    """A name for pages and records: one line, no odd characters."""

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


def email_field() -> StringField:
    """A field for an email address."""
    form = Regexp(EMAIL, message="Enter an email address, such as ann@clinic.example")
    most = Length(max=255, message="Enter at most 255 characters")
    return StringField(validators=[InputRequired("Enter the email address"), form, most])


class FirstForm(FlaskForm):  # type: ignore[misc]  # the library has no types
    """The first administrator."""

    name = NameField("your name")
    email = email_field()
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
