"""For administrators: people, what each may do and where, and the sites."""

from dataclasses import asdict

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from screening.records.access import Permission, Role
from screening.records.errors import NobodyError
from screening.records.people import identities, people
from screening.records.people import sites as site_records
from screening.records.people.administration import TakenError
from screening.records.people.people import LastAdministratorError, NewPerson, OwnRightsError
from screening.records.people.rights_steps import Action, Rights
from screening.records.rights import proposals
from screening.records.rights.proposal_errors import NoSiteError, ProposalError
from screening.translation import gettext, mark
from screening.web.accounts.authorization import actor, allowed
from screening.web.accounts.forms import ROLE_HINTS, ROLE_WORDS
from screening.web.people.forms import ChangeSiteForm, PersonForm, RightsForm, SiteForm
from screening.web.people.proposals import new_account_days
from screening.web.shell.context import records
from screening.web.shell.responses import Page, form_page, see_other
from screening.web.shell.words import capital

blueprint = Blueprint("people", __name__, url_prefix="/people")
PROPOSED = mark("Proposed. A second administrator has to approve this.")
ADDED = mark("{name} is added, but has no rights yet. A second administrator has to approve this.")
UNCHANGED = mark("Nothing was changed.")
NOTHING_CHANGED = mark("Nothing has changed: {problem}.")


@blueprint.get("/")
@allowed(Permission.ADMINISTER)
def page() -> Page:
    """Every account."""
    found = people.people(records(), actor())
    return render_template(
        "people/list.html", people=found, role_words=ROLE_WORDS, **_second_administrator(found)
    )


@blueprint.route("/add", methods=["GET", "POST"])
@allowed(Permission.ADMINISTER)
def add() -> Page:
    """Propose a person, who gets rights and a link once another administrator has approved."""
    form = PersonForm(_sites())
    if form.validate_on_submit():
        new = NewPerson(
            name=form.name.data or "",
            email=form.email.data or "",
            roles=form.chosen_roles,
            sites=form.chosen_sites,
        )
        try:
            proposals.propose_person(records(), actor(), new)
        except TakenError as error:
            form.email.errors = [capital(f"{error}")]
        else:
            flash(gettext(ADDED, name=new.name), "success")
            return see_other(url_for("proposals.page"))
    page = render_template("people/add.html", form=form, **_words(), **_second_administrator())
    return form_page(page, form.errors)


@blueprint.get("/<int:number>")
@allowed(Permission.ADMINISTER)
def show_person(number: int) -> Page:
    """One person, with everything that can be changed."""
    return _person_page(number)


@blueprint.post("/<int:number>/rights")
@allowed(Permission.ADMINISTER)
def change_rights(number: int) -> Page:
    """Change roles and sites: at once if somebody loses some, else with a second person."""
    form = RightsForm(_sites())
    if not form.validate_on_submit():
        return _person_page(number, form)
    wanted = Rights(roles=form.chosen_roles, sites=form.chosen_sites)
    if _has_rights(number, wanted):
        return _say_change(number, gettext(UNCHANGED))
    try:
        proposed = proposals.propose_rights(records(), actor(), number, wanted)
    except NoSiteError as error:
        form.sites.errors = [capital(f"{error}")]
        return _person_page(number, form)
    except (LastAdministratorError, OwnRightsError, ProposalError) as error:
        form.roles.errors = [capital(f"{error}")]
        return _person_page(number, form)
    return (
        _lead_to_proposals()
        if proposed
        else _say_change(number, gettext("Roles and sites have been changed."))
    )


@blueprint.post("/<int:number>/active")
@allowed(Permission.ADMINISTER)
def set_active(number: int) -> Page:
    """Let somebody no longer sign in, or propose that they can again."""
    if request.form.get("active") == "yes":
        return _propose(number, Action.ACTIVATE)
    try:
        people.set_active(records(), actor(), number, active=False)
    except (LastAdministratorError, OwnRightsError) as error:
        return _say_refusal(number, error)
    message = mark("This person can no longer sign in, and is signed out everywhere.")
    return _say_change(number, gettext(message))


@blueprint.post("/<int:number>/factor")
@allowed(Permission.ADMINISTER)
def propose_factor_removal(number: int) -> Page:
    """Propose to remove app and passkeys."""
    return _propose(number, Action.FACTOR)


@blueprint.post("/<int:number>/unlinked")
@allowed(Permission.ADMINISTER)
def propose_unlinked(number: int) -> Page:
    """Propose to forget how a provider of single sign-on knows the person."""
    return _propose(number, Action.UNLINK)


@blueprint.post("/<int:number>/link")
@allowed(Permission.ADMINISTER)
def propose_link(number: int) -> Page:
    """Propose a password link by which the person sets a password."""
    return _propose(number, Action.LINK)


@blueprint.route("/sites", methods=["GET", "POST"])
@allowed(Permission.ADMINISTER)
def sites() -> Page:
    """All sites, and a form to add one."""
    form = SiteForm()
    if form.validate_on_submit():
        try:
            site_records.add_site(records(), actor(), form.name.data or "", form.chosen_zone)
        except TakenError as error:
            form.name.errors = [capital(f"{error}")]
        else:
            flash(gettext("The site “{name}” is added.", name=form.name.data), "success")
            return see_other(url_for("people.sites"))
    page = render_template("people/sites.html", form=form, sites=site_records.sites(records()))
    return form_page(page, form.errors)


@blueprint.route("/sites/<int:number>", methods=["GET", "POST"])
@allowed(Permission.ADMINISTER)
def site(number: int) -> Page:
    """Change the name and the time zone of a site, and what its letters say at head and foot."""
    found = site_records.find_site(records(), number)
    if found is None:
        raise NobodyError(number)
    form = ChangeSiteForm(data=asdict(found) | {"time_zone": found.time_zone or ""})
    if form.validate_on_submit():
        wanted = form.site(number)
        try:
            site_records.change_site(records(), actor(), wanted)
        except TakenError as error:
            form.name.errors = [capital(f"{error}")]
        else:
            said = UNCHANGED if found == wanted else mark("The site has been changed.")
            flash(gettext(said), "success")
            return see_other(url_for("people.sites"))
    page = render_template("people/site.html", form=form, name=found.name)
    return form_page(page, form.errors)


def _person_page(number: int, form: RightsForm | None = None) -> Page:
    person = people.load_person(records(), actor(), number)
    if form is None:
        given = {
            "roles": [role.value for role in person.roles],
            "sites": [site.id for site in person.sites],
        }
        form = RightsForm(_sites(), data=given)
    links = identities.find_links(records(), number)
    own = number == actor().id
    page = render_template(
        "people/person.html", person=person, form=form, links=links, own=own, **_words()
    )
    return form_page(page, form.errors)


def _has_rights(number: int, rights: Rights) -> bool:
    person = people.load_person(records(), actor(), number)
    return (person.roles, frozenset(site.id for site in person.sites)) == (
        rights.roles,
        rights.sites,
    )


def _propose(number: int, action: Action) -> Response:
    try:
        proposals.propose(records(), actor(), number, action)
    except (OwnRightsError, ProposalError) as error:
        return _say_refusal(number, error)
    return _lead_to_proposals()


def _lead_to_proposals() -> Response:
    flash(gettext(PROPOSED), "success")
    return see_other(url_for("proposals.page"))


def _say_refusal(number: int, error: Exception) -> Response:
    flash(gettext(NOTHING_CHANGED, problem=error), "error")
    return see_other(url_for("people.show_person", number=number))


def _say_change(number: int, told: str) -> Response:
    flash(told, "success")
    return see_other(url_for("people.show_person", number=number))


def _sites() -> list[tuple[int, str]]:
    return [(site.id, site.name) for site in site_records.sites(records())]


def _second_administrator(found: tuple[people.Person, ...] = ()) -> dict[str, object]:
    """True if a second administrator is missing, and for how long a new one could not approve."""
    everybody = found or people.people(records(), actor())
    active = [each for each in everybody if each.active and Role.ADMINISTRATOR in each.roles]
    return {"alone": len(active) == 1, "days": new_account_days()}


def _words() -> dict[str, object]:
    return {"role_words": ROLE_WORDS, "role_hints": ROLE_HINTS}
