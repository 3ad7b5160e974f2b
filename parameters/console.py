"""Parameters of the console's own questions."""

from typing import Annotated, get_args

from pydantic import AfterValidator, Field

from domain.spelling import meant
from parameters.fields import Boolean, Bounded, Elements, Id, Integer, Limited, Metadata, OneOf, Text, invalid
from parameters.hashes import CreatedRange, ListParameters, Parameters, RangeHash
from records.accounts import RESOURCES
from records.console.payments import Tab

LIMIT_MAX = 1_000
"""Payments on a page: a file of them is written page by page."""

DAYS_MAX = 366
HELD_DAYS_MAX = 31
OVERLAP_SECONDS_MAX = 7 * 86_400
PERMISSIONS_MAX = 64
REPORTS_MAX = 100
LEVELS = ("read", "write")

RULES_BYTES_MAX = 65_536

Short = Annotated[str, Limited(255)]
Days = Annotated[Integer, Bounded(1, DAYS_MAX)]
HeldDays = Annotated[Integer, Bounded(1, HELD_DAYS_MAX)]
Overlap = Annotated[Integer, Bounded(0, OVERLAP_SECONDS_MAX)]
Nights = Annotated[Integer, Bounded(1, REPORTS_MAX)]
Lifetime = Annotated[Integer, Bounded(1)]


def _permissions(value: list[str]) -> list[str]:
    if not 0 < len(value) <= PERMISSIONS_MAX:
        raise invalid(f"A restricted key needs 1 to {PERMISSIONS_MAX} permissions.")
    for one in value:
        resource, _, level = one.partition(":")
        if level not in LEVELS or (resource != "*" and resource not in RESOURCES):
            raise invalid(f"Invalid permission: {one[:100]}.{meant(resource, RESOURCES)} Say RESOURCE:read or :write.")
    return list(dict.fromkeys(value))


class PaymentsFilter(Parameters):
    """Which payments: everything that is said holds. `text` is what a person types into one box."""

    tab: Annotated[Tab, OneOf(*get_args(Tab))] = "all"
    created: CreatedRange | None = None
    amount: RangeHash | None = None
    currency: Short | None = None
    customer: Id | None = None
    email: Short | None = None
    last4: Short | None = None
    method: Short | None = None
    gateway: Short | None = None
    metadata: Metadata | None = None
    text: Short | None = None
    query: Text | None = None
    remembered: Boolean = False
    """Whether an answer will do that another was given some seconds ago: for pages that ask again and again."""


class PaymentsParameters(PaymentsFilter, ListParameters):
    """A page of payments."""


class OverviewParameters(Parameters):
    """How far back, in days, and how soon a hold has to lapse to be named."""

    days: Days = 30
    lapsing_days: HeldDays = 2


class KeyCreateParameters(Parameters):
    """A new key. Only a restricted one has permissions, and needs some."""

    kind: Annotated[str, OneOf("secret", "publishable", "restricted")] = "restricted"
    name: Short | None = None
    permissions: Annotated[list[Short], AfterValidator(_permissions), Elements] | None = None
    expires_in: Lifetime | None = None


class KeyRollParameters(Parameters):
    """For how many seconds the old one still opens the account."""

    overlap_seconds: Overlap = 0


class VersionsParameters(Parameters):
    """How many of the newest versions."""

    limit: Nights = 10


class RulesParameters(Parameters):
    """Rules of routing, as the JSON that `perdure routes set` reads."""

    rules: Annotated[str, Limited(RULES_BYTES_MAX)]


class ReportsParameters(Parameters):
    """How many of the newest reports."""

    limit: Nights = 30


class ResolveParameters(Parameters):
    """An operator's word: of which effect, whether it was done, and what that rests on."""

    key: Annotated[Short, Field(description="Of what is not known: the key that its gateway was asked by")]
    done: Annotated[Boolean, Field(description="Whether it was done")]
    by: Annotated[Short, Field(description="Who says so")]
    evidence: Annotated[Text, Field(description="What that rests on: a settlement file, a ticket, who said so")]
    reference: Annotated[Short, Field(description="The gateway's own reference for what was done")] = ""
    regardless: Annotated[Text, Field(description="Why it is said although the gateway can still be asked")] = ""
