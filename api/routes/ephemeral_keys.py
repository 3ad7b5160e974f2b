"""Ephemeral keys: what a mobile SDK shows and changes its customer's payment methods with, for an hour."""

from api.dialect.call import Call
from api.dialect.errors import missing
from api.dialect.operation import Resource
from api.usecases.changes import existing_customer
from domain.model.ephemeral_keys import EphemeralKey
from domain.model.hashes import JsonObject
from parameters.others import NoParameters
from parameters.tokens import EphemeralKeyCreateParameters
from records import ephemeral_keys as records
from rendering.ephemeral_key import render

SECONDS = 3_600
"""How long one is good for, as at Stripe."""

SECRET_DIGITS = 43
"""256 bits, all of which are anybody's guess: what an error shows of a key is its end."""


async def create(call: Call, given: EphemeralKeyCreateParameters) -> JsonObject:
    """Make one for a customer. The key itself is shown this once; it answers in the version of this request."""
    await existing_customer(call, given.customer)
    key = EphemeralKey(
        id=call.mint.id("ephkey_1"),
        account=call.key.account,
        livemode=call.key.livemode,
        created=call.now,
        customer=given.customer,
        expires=call.now + SECONDS,
        api_version=call.version,
    )
    mode = "live" if call.key.livemode else "test"
    secret = call.mint.id(f"{records.PREFIX}{mode}_", "ephemeral_key", SECRET_DIGITS)
    await records.add(call.services.database, key, secret)
    return render(key, secret)


async def delete(call: Call, given: NoParameters) -> JsonObject:
    """Let it open nothing any more; within seconds, as with every key."""
    del given
    id_ = call.path_id("ephemeral_key", "key")
    key = await records.load(call.services.database, call.scope, id_)
    if key is None:
        raise missing("ephemeral_key", id_, "key", in_path=True)
    await records.delete(call.services.database, call.scope, id_)
    return render(key)


RESOURCE = Resource(path="/v1/ephemeral_keys", name="ephemeral_keys", returns="ephemeral_key")

OPERATIONS = (
    RESOURCE.operation("POST", "", "create", "Create an ephemeral key", EphemeralKeyCreateParameters, create),
    RESOURCE.operation("DELETE", "/{id}", "delete", "Delete an ephemeral key", NoParameters, delete),
)
