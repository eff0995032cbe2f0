"""The criteria for patient decision aids, and how far the pages for patients meet each.

Source: IPDASi version 4.0, in N. Joseph-Williams et al., Toward Minimum Standards for Certifying
Patient Decision Aids: A Modified Delphi Consensus Process, Medical Decision Making 34 (2014)
699-710, https://doi.org/10.1177/0272989X13501721. The criteria are in our own words. Nine of its 44
are about screening tests alone, and are left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from screening.translation import Phrases, mark

ADDRESS = "https://doi.org/10.1177/0272989X13501721"
OPTIONS, START = "options.compare", "patient.start"


class Degree(Enum):
    """The degree to which a criterion is met."""

    MET = "met"
    PARTLY = "partly"
    NOT = "not"


DEGREE_WORDS = Phrases({Degree.MET: "Met", Degree.PARTLY: "Partly met", Degree.NOT: "Not met"})


@dataclass(frozen=True, slots=True)
class Check:
    """A criterion of the publication. ``shown_by`` is the endpoint of a page with the reason."""

    criterion: str
    degree: Degree
    reason: str
    shown_by: str = ""


QUALIFYING: Sequence[Check] = (
    Check(
        mark("It describes the health problem."),
        Degree.MET,
        mark("The options page says what is broken, what can cause it and how it can feel."),
        OPTIONS,
    ),
    Check(
        mark("It states the decision to be made."),
        Degree.MET,
        mark("The options page opens with the choice."),
        OPTIONS,
    ),
    Check(
        mark("It describes the options."),
        Degree.PARTLY,
        mark("It has the five that the published pages name. Exercises, for example, are missing."),
        OPTIONS,
    ),
    Check(
        mark("It describes what is good about each option."),
        Degree.PARTLY,
        mark(
            "It has what five published pages say, and these say little about three of the options."
        ),
        OPTIONS,
    ),
    Check(
        mark("It describes what is bad about each option."),
        Degree.PARTLY,
        mark("It has what five published pages say. They name no harm of a brace or of medicines."),
        OPTIONS,
    ),
    Check(
        mark("It describes what it is like to live with the results of each option."),
        Degree.PARTLY,
        mark(
            "There is a row for it. For a brace and for medicines the published pages are silent."
        ),
        OPTIONS,
    ),
)
CERTIFICATION: Sequence[Check] = (
    Check(
        mark("It shows good and bad sides in equal detail."),
        Degree.PARTLY,
        mark("Every option has the same rows, but the published pages say much more about cement."),
        OPTIONS,
    ),
    Check(
        mark("It cites the evidence that it chose."),
        Degree.MET,
        mark(
            "Every statement leads to the words of a published page. These pages are not studies."
        ),
        OPTIONS,
    ),
    Check(
        mark("It gives the date when it was made."),
        Degree.MET,
        mark("The date and the version of the rules are at the end of the options page."),
        OPTIONS,
    ),
    Check(
        mark("It says when it will be updated."),
        Degree.MET,
        mark("The same place gives the day by which the published pages must be read again."),
        OPTIONS,
    ),
    Check(
        mark("It says how uncertain its figures are."),
        Degree.PARTLY,
        mark("It calls figures claims and shows where they differ. It has no ranges of its own."),
        OPTIONS,
    ),
    Check(
        mark("It says who paid for its making."),
        Degree.NOT,
        mark("It does not say who paid for it."),
    ),
)
QUALITY: Sequence[Check] = (
    Check(
        mark("It describes what happens if nothing is done."),
        Degree.PARTLY,
        mark(
            "Waiting is one of the options, but only one published page says how a break goes on."
        ),
        OPTIONS,
    ),
    Check(
        mark("It lets people compare the good and bad sides of the options."),
        Degree.MET,
        mark("The options are side by side, with the same rows."),
        OPTIONS,
    ),
    Check(
        mark("It says how likely each result is."),
        Degree.PARTLY,
        mark("It repeats what published pages claim about cement. There is nothing for the rest."),
        OPTIONS,
    ),
    Check(
        mark("It says which people these figures are about."),
        Degree.NOT,
        mark("The published pages mostly do not say."),
    ),
    Check(
        mark("It says how often each result occurs."),
        Degree.NOT,
        mark("It has no figures of its own, and vouches for none."),
    ),
    Check(
        mark("It compares figures over the same length of time."),
        Degree.NOT,
        mark("The published pages give no length of time for their figures."),
    ),
    Check(
        mark("It compares figures out of the same number of people."),
        Degree.NOT,
        mark("Every figure is out of 100 people, but they count different things."),
    ),
    Check(
        mark("It shows figures in more than one way."),
        Degree.NOT,
        mark("They are in words alone."),
    ),
    Check(
        mark("It asks people what matters most to them."),
        Degree.MET,
        mark("The options page asks which points matter most."),
        OPTIONS,
    ),
    Check(
        mark("It has a step-by-step way to decide."),
        Degree.NOT,
        mark("It helps people to ask, and leaves the deciding to the talk with the doctor."),
    ),
    Check(
        mark("It has worksheets or lists of questions for the talk with the doctor."),
        Degree.MET,
        mark("The sheet of questions is what it is made for."),
        START,
    ),
    Check(
        mark("Patients were asked what they need."),
        Degree.NOT,
        mark("No patients were asked."),
    ),
    Check(
        mark("Professionals were asked what patients need."),
        Degree.NOT,
        mark("No professionals were asked."),
    ),
    Check(
        mark("Patients who did not help to make it have reviewed it."),
        Degree.NOT,
        mark("No patients have reviewed it."),
    ),
    Check(
        mark("Professionals who did not help to make it have reviewed it."),
        Degree.NOT,
        mark("No professionals have reviewed it."),
    ),
    Check(
        mark("It was tested with patients who face the decision."),
        Degree.NOT,
        mark("It has not been tested with patients."),
    ),
    Check(
        mark("It was tested with professionals who counsel them."),
        Degree.NOT,
        mark("It has not been tested with professionals."),
    ),
    Check(
        mark("It says how research was chosen and put together."),
        Degree.NOT,
        mark("No research was searched for. It rests on five published pages for patients."),
    ),
    Check(
        mark("It says how good the research is."),
        Degree.PARTLY,
        mark("It says of each page what kind of page it is, but does not rate any study."),
        "sources.sources",
    ),
    Check(
        mark("It names its authors and their training."),
        Degree.NOT,
        mark("It names no authors."),
    ),
    Check(
        mark("It reports how easy it is to read."),
        Degree.MET,
        mark(
            "Our own sentences are at grade 7 or below (Flesch-Kincaid). Quoted words are harder."
        ),
        "sources.about",
    ),
    Check(
        mark("It is shown that people choose more by what matters to them."),
        Degree.NOT,
        mark("Nobody has studied this."),
    ),
    Check(
        mark("It is shown that people know more about the options."),
        Degree.NOT,
        mark("Nobody has studied this."),
    ),
)
GROUPS = {
    mark("Needed to be called a decision aid"): QUALIFYING,
    mark("Needed to be certified"): CERTIFICATION,
    mark("Signs of quality"): QUALITY,
}
"""The three groups of the publication, in its order."""
