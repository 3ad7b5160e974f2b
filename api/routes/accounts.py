"""Accounts: a platform makes those for which it acts (Connect), and everybody sees their own.

For whom a request acts is said by its headers and decided in api/dialect/auth.py; these are the accounts themselves.
"""

from dataclasses import replace

from api.dialect.auth import account_invalid
from api.dialect.call import Call
from api.dialect.errors import ObjectMissing, StripeError, invalid_request
from api.dialect.lists import created_bounds, cursor, list_body
from api.dialect.operation import Resource
from api.usecases.metadata import merged
from domain.model.connected_accounts import (
    CONTROLLERS,
    CURRENCIES,
    UNTYPED,
    USUAL_COUNTRY,
    ConnectedAccount,
    Controller,
)
from domain.model.hashes import JsonObject
from parameters.accounts import AccountCreateParameters, AccountsListParameters, AccountUpdateParameters
from parameters.others import NoParameters
from records import balance
from records import connected_accounts as records
from records.accounts import account_name
from records.codec import dump_account
from records.events import Announcement, Announcer
from records.scope import Scope
from rendering.account import render, render_own

Body = JsonObject

NO_PLATFORM = (
    "You can only create new accounts if you've signed up for Connect, which you can learn how to do at "
    "https://stripe.com/docs/connect."
)
BOTH = (
    "You may not provide the `type` parameter and `controller` parameters simultaneously. They are mutually exclusive."
)
NOT_YOUR_OWN = (
    "You cannot {} your own account with its own key: that is for whoever runs this installation (`./perdure accounts`)"
    ", or for its platform."
)
NOT_EMPTY = "You cannot delete an account in live mode while there is money in its balance."


async def create(call: Call, given: AccountCreateParameters) -> Body:
    """Create an account that this one acts for. It can take payments at once."""
    if call.key.platform is not None or await records.known(call.services.database, call.key.account) is not None:
        raise invalid_request(NO_PLATFORM)
    if given.type is not None and given.controller is not None:
        raise invalid_request(BOTH, param="type")
    country = given.country or USUAL_COUNTRY
    account = ConnectedAccount(
        id=call.mint.id("acct_1", length=15),
        account=call.key.account,
        livemode=call.key.livemode,
        created=call.now,
        type=given.type or UNTYPED,
        country=country,
        default_currency=CURRENCIES.get(country, CURRENCIES[USUAL_COUNTRY]),
        controller=CONTROLLERS[given.type]
        if given.type
        else _controller({} if given.controller is None else given.controller),
    )
    if not await records.add(call.services.database, _changed(account, given), call.key.api_version):
        raise invalid_request(f"You have reached the maximum of {records.ACCOUNTS_MAX} connected accounts.")
    # A repetition of a request that died shows what was written first.
    return render(await records.known(call.services.database, account.id) or account)


async def retrieve_current(call: Call, given: NoParameters) -> Body:
    """The account that the request acts for."""
    del given
    return await _own(call)


async def retrieve(call: Call, given: NoParameters) -> Body:
    """The account that the request acts for, or one that is connected to it."""
    del given
    id_ = _named(call)
    return await _own(call) if id_ == call.key.account else render(await _connected(call, id_))


async def update(call: Call, given: AccountUpdateParameters) -> Body:
    """Change what is said of a connected account. `account.updated` is an event of that account."""
    scope, id_ = _platform(call, "update")

    def announce(before: ConnectedAccount, after: ConnectedAccount) -> list[Announcement]:
        announcer = Announcer(Scope(id_, scope.livemode), call.now, call.cause, call.mint.seed)
        return [announcer.statement("account.updated", "account", id_, dump_account(after), dump_account(before))]

    changed = await records.change(call.services.database, scope, id_, lambda before: _changed(before, given), announce)
    if changed is None:
        raise account_invalid(call.shown_key, id_)
    return render(changed)


async def delete(call: Call, given: NoParameters) -> Body:
    """Act for a connected account no more. What it has is kept; its keys end."""
    del given
    scope, id_ = _platform(call, "delete")
    database = call.services.database
    if await records.load(database, scope, id_) is None:
        raise account_invalid(call.shown_key, id_)
    if scope.livemode:
        left = await balance.sums(database, Scope(id_, scope.livemode), call.now)
        if any(each.available or each.pending for each in left):
            raise invalid_request(NOT_EMPTY)
    await records.delete(database, scope, id_, call.now)
    return {"id": id_, "object": "account", "deleted": True}


async def list_all(call: Call, given: AccountsListParameters) -> Body:
    """A page of the accounts that are connected to this one, newest first."""
    found, has_more = await records.newest(
        call.services.database, call.scope, cursor(given), created_bounds(given.created)
    )
    return list_body("/v1/accounts", [render(account) for account in found], has_more)


async def _own(call: Call) -> Body:
    database, id_ = call.services.database, call.key.account
    connected = await records.known(database, id_)
    return render(connected) if connected is not None else render_own(id_, await account_name(database, id_) or id_)


async def _connected(call: Call, id_: str) -> ConnectedAccount:
    account = await records.load(call.services.database, call.scope, id_)
    if account is None:
        raise account_invalid(call.shown_key, id_)
    return account


def _named(call: Call) -> str:
    """The id in the path; what is none is as unknown as any other."""
    try:
        return call.path_id("account", "account")
    except ObjectMissing as error:
        raise account_invalid(call.shown_key, error.id) from None


def _platform(call: Call, what: str) -> tuple[Scope, str]:
    """Whose the account in the path is, and which it is: a platform acts on it, or for it.

    Raises:
        StripeError: it is the key's own.
    """
    id_ = _named(call)
    if id_ != call.key.account:
        return call.scope, id_
    if call.key.platform is None:
        raise StripeError(NOT_YOUR_OWN.format(what), status=403)
    return Scope(call.key.platform, call.key.livemode), id_


def _changed(before: ConnectedAccount, given: AccountUpdateParameters) -> ConnectedAccount:
    """The account once the parameters were applied: hashes key by key, as Stripe's are."""
    said = given.given("business_type", "default_currency", "email")
    if (profile := given.business_profile) is not None:
        said["business_profile"] = before.business_profile | _merged_address(before.business_profile, profile)
    if given.tos_acceptance is not None:
        said["tos_acceptance"] = before.tos_acceptance | given.tos_acceptance
    asked = {} if given.capabilities is None else given.capabilities
    asked = {name: one["requested"] for name, one in asked.items() if "requested" in one}
    return replace(before, capabilities=before.capabilities | asked, metadata=merged(before.metadata, given), **said)


def _merged_address(before: Body, profile: Body) -> Body:
    if "support_address" not in profile:
        return profile
    return profile | {"support_address": (before.get("support_address") or {}) | profile["support_address"]}


def _controller(said: Body) -> Controller:
    """As it was described; what was not said is as with a standard account."""
    usual = CONTROLLERS["standard"]
    return Controller(
        fees=said.get("fees", {}).get("payer", usual.fees),
        losses=said.get("losses", {}).get("payments", usual.losses),
        requirements=said.get("requirement_collection", usual.requirements),
        dashboard=said.get("stripe_dashboard", {}).get("type", usual.dashboard),
    )


RESOURCE = Resource(path="/v1/accounts", name="accounts", returns="account")
OWN = Resource(path="/v1/account", name="accounts", returns="account")

OPERATIONS = (
    OWN.operation("GET", "", "retrieve_current", "Retrieve your account", NoParameters, retrieve_current),
    RESOURCE.operation("POST", "", "create", "Create an account", AccountCreateParameters, create),
    RESOURCE.operation("GET", "", "list", "List connected accounts", AccountsListParameters, list_all, is_list=True),
    RESOURCE.operation("GET", "/{id}", "retrieve", "Retrieve an account", NoParameters, retrieve),
    RESOURCE.operation("POST", "/{id}", "update", "Update an account", AccountUpdateParameters, update),
    RESOURCE.operation("DELETE", "/{id}", "delete", "Delete an account", NoParameters, delete),
)
