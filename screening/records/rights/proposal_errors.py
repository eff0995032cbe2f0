"""The reasons why a change of rights cannot be proposed, approved or ended."""

from screening.errors import ScreeningError
from screening.translation import gettext, mark


class ProposalError(ScreeningError):
    """A proposal cannot be made, approved, refused or withdrawn as was asked."""

    @classmethod
    def none(cls) -> "ProposalError":
        """There is no such proposal, or it no longer waits."""
        return cls(mark("this proposed change is not waiting for approval any more"))

    @classmethod
    def one_person(cls) -> "ProposalError":
        """The same person, or an account that the other one made, wants to approve."""
        return cls(
            mark(
                "another administrator has to approve this. The administrator who proposed it"
                " cannot, nor can a new account that the same administrator added"
            )
        )

    @classmethod
    def own(cls) -> "ProposalError":
        """Somebody wants to approve what they gain."""
        return cls(mark("you cannot approve a change to your own account"))

    @classmethod
    def changed(cls) -> "ProposalError":
        """The account changed since."""
        return cls(
            mark(
                "this proposal is out of date: the rights of this account have changed since then;"
                " withdraw or refuse it and propose the change again"
            )
        )

    @classmethod
    def twice(cls) -> "ProposalError":
        """The same waits already."""
        return cls(
            mark(
                "another change to this account is waiting for approval; approve or withdraw that"
                " first"
            )
        )

    @classmethod
    def proposer_left(cls) -> "ProposalError":
        """The proposer is no longer an administrator."""
        return cls(
            mark(
                "the person who proposed this is no longer an administrator; propose the change"
                " again"
            )
        )


NEEDS_SITE = mark("a nurse, lead nurse or auditor sees only the cases of their sites")


class NoSiteError(ProposalError):
    """A role that works on cases was proposed without a site, where it would see none."""

    def __init__(self) -> None:
        """Say what would help."""
        super().__init__(mark("{rule}; choose at least one site"), rule=gettext(NEEDS_SITE))
