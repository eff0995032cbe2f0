"""For administrators: people, what each may do and where, and the sites."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from screening.records import identities, people
from screening.records.access import Permission
from screening.records.people import LastAdministratorError, NewPerson, TakenError
from screening.records.refusals import NobodyError
from screening.web.desk import records
from screening.web.gate import actor, allowed
from screening.web.links import make_link
from screening.web.peopleforms import ROLE_HINTS, ROLE_WORDS, PersonForm, RightsForm, SiteForm

blueprint = Blueprint("people", __name__, url_prefix="/people")
UNPROCESSABLE = 422

Page = str | tuple[str, int] | Response


@blueprint.get("/")
@allowed(Permission.ADMINISTER)
def everybody() -> Page:
    """Every account."""
    return render_template(
        "people/list.html", people=people.people(records(), actor()), role_words=ROLE_WORDS
    )


@blueprint.route("/add", methods=["GET", "POST"])
@allowed(Permission.ADMINISTER)
def add() -> Page:
    """Add a person, who then gets a link."""
    form = PersonForm(_sites())
    if form.validate_on_submit():
        new = NewPerson(
            name=form.name.data or "",
            email=form.email.data or "",
            roles=form.chosen_roles,
            sites=form.chosen_sites,
        )
        try:
            number = people.add_person(records(), actor(), new)
        except TakenError as error:
            form.email.errors = [f"{error}"]
        else:
            flash(f"{new.name} is added. Now make a link for the first password.", "success")
            return redirect(url_for("people.one", number=number), 303)
    page = render_template("people/add.html", form=form, **_words())
    return (page, UNPROCESSABLE) if request.method == "POST" else page


@blueprint.get("/<int:number>")
@allowed(Permission.ADMINISTER)
def one(number: int) -> Page:
    """One person, with everything that can be changed."""
    return _one(number)


@blueprint.post("/<int:number>/rights")
@allowed(Permission.ADMINISTER)
def rights(number: int) -> Page:
    """Change roles and sites."""
    form = RightsForm(_sites())
    if not form.validate_on_submit():
        return _one(number, form), UNPROCESSABLE
    try:
        people.set_rights(records(), actor(), number, form.chosen_roles, form.chosen_sites)
    except LastAdministratorError as error:
        form.roles.errors = [f"{error}"]
        return _one(number, form), UNPROCESSABLE
    return _changed(number, "Roles and sites are changed.")


@blueprint.post("/<int:number>/active")
@allowed(Permission.ADMINISTER)
def active(number: int) -> Page:
    """Let somebody sign in, or no longer."""
    wanted = request.form.get("active") == "yes"
    try:
        people.set_active(records(), actor(), number, active=wanted)
    except LastAdministratorError as error:
        flash(f"Nothing is changed: {error}.", "error")
        return redirect(url_for("people.one", number=number), 303)
    done = "can sign in again" if wanted else "can no longer sign in, and is signed out everywhere"
    return _changed(number, f"This person {done}.")


@blueprint.post("/<int:number>/factor")
@allowed(Permission.ADMINISTER)
def factor(number: int) -> Page:
    """Forget codes and passkeys."""
    people.reset_second_factor(records(), actor(), number)
    return _changed(number, "Codes, recovery codes and passkeys are forgotten.")


@blueprint.post("/<int:number>/unlinked")
@allowed(Permission.ADMINISTER)
def unlinked(number: int) -> Page:
    """Forget how a provider of single sign-on knows the person."""
    people.load_person(records(), actor(), number)
    identities.unlink(records(), actor(), number)
    return _changed(number, "The link to single sign-on has been removed.")


@blueprint.post("/<int:number>/link")
@allowed(Permission.ADMINISTER)
def link(number: int) -> Page:
    """Make a link by which the person sets a password; it is shown once, on this page."""
    person = people.load_person(records(), actor(), number)
    address = make_link(actor().id, number)
    return render_template("people/link.html", person=person, address=address)


@blueprint.route("/sites", methods=["GET", "POST"])
@allowed(Permission.ADMINISTER)
def sites() -> Page:
    """All sites, and a form to add one."""
    form = SiteForm()
    if form.validate_on_submit():
        try:
            people.add_site(records(), actor(), form.name.data or "", form.chosen_zone)
        except TakenError as error:
            form.name.errors = [f"{error}"]
        else:
            flash(f"The site “{form.name.data}” is added.", "success")
            return redirect(url_for("people.sites"), 303)
    page = render_template("people/sites.html", form=form, sites=people.sites(records()))
    return (page, UNPROCESSABLE) if request.method == "POST" else page


@blueprint.route("/sites/<int:number>", methods=["GET", "POST"])
@allowed(Permission.ADMINISTER)
def site(number: int) -> Page:
    """Change the name and the time zone of a site."""
    found = next((each for each in people.sites(records()) if each.id == number), None)
    if found is None:
        raise NobodyError(number)
    form = SiteForm(data={"name": found.name, "time_zone": found.time_zone or ""})
    if form.validate_on_submit():
        try:
            name, zone = form.name.data or "", form.chosen_zone
            people.change_site(records(), actor(), number, name, zone)
        except TakenError as error:
            form.name.errors = [f"{error}"]
        else:
            flash("The site has been changed.", "success")
            return redirect(url_for("people.sites"), 303)
    page = render_template("people/site.html", form=form, name=found.name)
    return (page, UNPROCESSABLE) if request.method == "POST" else page


def _one(number: int, form: RightsForm | None = None) -> str:
    person = people.load_person(records(), actor(), number)
    if form is None:
        given = {
            "roles": [role.value for role in person.roles],
            "sites": [site.id for site in person.sites],
        }
        form = RightsForm(_sites(), data=given)
    links = identities.find_links(records(), number)
    return render_template("people/person.html", person=person, form=form, links=links, **_words())


def _changed(number: int, told: str) -> Response:
    flash(told, "success")
    return redirect(url_for("people.one", number=number), 303)


def _sites() -> list[tuple[int, str]]:
    return [(site.id, site.name) for site in people.sites(records())]


def _words() -> dict[str, object]:
    return {"role_words": ROLE_WORDS, "role_hints": ROLE_HINTS}
