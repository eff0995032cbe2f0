"""Fields of accounts: names, addresses, roles and passwords in words; the first administrator."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, PasswordField, StringField, ValidationError
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length, Regexp

from screening.records.access import Role
from screening.records.people.passwords import LONGEST, SHORTEST, password_problem
from screening.records.people.people import LONGEST_NAME
from screening.translation import Phrases, gettext, mark

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


def password_hint() -> str:
    """The needs of a new password."""
    message = mark("{least} to {most} characters. Several words in a row are easy to remember.")
    return gettext(message, least=SHORTEST, most=LONGEST)


LONGEST_EMAIL = 255
TOO_LONG = mark("Enter at most {most} characters")
EMAIL = r"^\s*[^\s@]+@[^\s@]+\s*$"


class NameField(StringField):
    """A name for pages and records: one line, no odd characters."""

    def __init__(self, missing: str, **kwargs: Any) -> None:  # noqa: ANN401 - as inherited
        """Take the message for a name that is missing."""
        least = DataRequired(gettext(missing))
        most = Length(max=LONGEST_NAME, message=gettext(TOO_LONG, most=LONGEST_NAME))
        super().__init__(validators=[least, most], **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """White space is no difference."""
        self.data = " ".join(valuelist[0].split()) if valuelist else None

    def post_validate(self, form: object, validation_stopped: bool) -> None:  # noqa: ARG002, FBT001
        """Refuse what cannot be seen."""
        if self.data and not self.data.isprintable():
            raise ValidationError(gettext("Enter a name of letters, digits and the usual signs"))


class EmailField(StringField):
    """An email address."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - as inherited
        """Ask for it as it is kept."""
        there = InputRequired(gettext("Enter the email address"))
        message = gettext("Enter an email address, such as ann@clinic.example")
        most = Length(max=LONGEST_EMAIL, message=gettext(TOO_LONG, most=LONGEST_EMAIL))
        super().__init__(validators=[there, Regexp(EMAIL, message=message), most], **kwargs)


class RequiredField(StringField):
    """A text that has to be there."""

    def __init__(self, missing: str, **kwargs: Any) -> None:  # noqa: ANN401 - as inherited
        """Take the message for a text that is missing."""
        super().__init__(validators=[DataRequired(gettext(missing))], **kwargs)


class NewPasswordField(PasswordField):
    """A new password."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - as inherited
        """It has to be there."""
        super().__init__(validators=[InputRequired(gettext("Enter a password"))], **kwargs)


class SamePasswordField(PasswordField):
    """The new password once more."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - as inherited
        """It has to be the same."""
        message = gettext("Enter the same password in both fields")
        super().__init__(validators=[EqualTo("password", message=message)], **kwargs)


class FirstForm(FlaskForm):  # type: ignore[misc]  # the library has no types
    """The first administrator."""

    name = NameField(mark("Enter your name"))
    email = EmailField()
    password = NewPasswordField()
    password_confirm = SamePasswordField()

    def validate_password(self, field: Field) -> None:
        """The same rules as for every password."""
        email, name = (str(each.data or "") for each in (self.email, self.name))
        problem = password_problem(field.data or "", email, name)
        if problem:
            raise ValidationError(problem)
