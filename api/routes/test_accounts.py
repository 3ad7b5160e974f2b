"""Accounts for tests: one of its own for each, with keys and nothing in it, where an installation allows that."""

from typing import Annotated

from api.dialect.call import Call
from api.dialect.errors import invalid_request
from api.dialect.operation import Resource
from domain.model.hashes import JsonObject
from parameters.fields import Limited
from parameters.hashes import Parameters
from records import accounts as records
from rendering import test_account as resource

NAME_MAX = 100


class AccountParameters(Parameters):
    """What to call it; nobody else sees it."""

    name: Annotated[str | None, Limited(NAME_MAX)] = None


async def create(call: Call, given: AccountParameters) -> JsonObject:
    """Make an account with a secret and a publishable key. Asked again under its Idempotency-Key, the same."""
    if not call.services.test_accounts:
        text = "Accounts are not made here: that takes PERDURE_TEST_ACCOUNTS=allow, as `make run` has it."
        raise invalid_request(text, status=403)
    account = call.mint.id("acct_", "test_account", length=16)
    database, name = call.services.database, given.name or "Test account"
    secret = call.mint.id("sk_test_", "secret", length=32)
    publishable = call.mint.id("pk_test_", "publishable", length=32)
    await records.ensure_account(database, account, name, call.now)
    await records.ensure_key(database, account, secret, "secret", livemode=False, now=call.now)
    await records.ensure_key(database, account, publishable, "publishable", livemode=False, now=call.now)
    return resource.render(account, name, call.now, secret, publishable)


RESOURCE = Resource(path="/v1/test_helpers/accounts", name="test_helpers.accounts", returns="test_account")

OPERATIONS = (
    RESOURCE.operation("POST", "", "create", "Make an account for a test", AccountParameters, create, test_only=True),
)
