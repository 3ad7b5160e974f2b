"""The SetupIntents operations, and the list of their attempts. Rules are the domain's; this is translation.

Each command goes to the intent's workflow; an intent that has ended answers from its record.
"""

from dataclasses import replace
from typing import Any

from api.dialect import errors
from api.dialect.auth import check_client_secret
from api.dialect.call import Call
from api.dialect.errors import StripeError, invalid_request, missing
from api.dialect.lists import created_bounds, cursor, list_body
from api.dialect.operation import Resource
from api.dialect.publishable import buyers_options, check_owner, for_servers
from api.services import Services
from api.usecases import method_types
from api.usecases.changes import existing_customer, mandate_acceptance, method_of
from api.usecases.commands import identity
from api.usecases.confirmation import Collected, collect, give_back, take
from api.usecases.method_use import DECLINED, write_method
from api.usecases.parents import check_parents
from api.usecases.setup_commands import body_of, consent, send, set_up_with, start_with
from domain.identifiers import ID_MAX
from domain.machine.limits import unstorable
from domain.machine.setups import confirming, limits
from domain.machine.setups.decisions import decide
from domain.machine.setups.evolution import with_automatic_types
from domain.model.commands import Cancel, Confirm, Update, VerifyMicrodeposits
from domain.model.hashes import JsonObject
from domain.model.payment_methods import PaymentMethod
from domain.model.setup_attributes import UNSET
from domain.model.setup_intent import SETUP_RULES, SetupIntent
from domain.model.statuses import Status
from domain.money.currencies import currency_refusal
from domain.refusals import Refusal
from parameters import setup_intents as parameters
from records import setup_intents as records
from records.kinds import exists
from records.scope import Scope
from rendering.setup_attempt import render as render_attempt
from rendering.setup_intent import render

Body = JsonObject

DESCRIBED = (
    "attach_to_self", "customer_account", "description", "flow_directions", "payment_method_options",
)  # fmt: skip
"""Attributes that go into a new intent as they were given."""

CHANGED = (
    "attach_to_self", "customer", "customer_account", "description", "flow_directions", "metadata",
    "payment_method_options",
)  # fmt: skip

COLLECTED = frozenset({"mandate_data"})
"""What a confirmation token says that a SetupIntent has a use for: its options are how a payment is made."""


async def create(call: Call, given: parameters.SetupCreateParameters) -> Body:
    """Create, and confirm at once if asked to. The row comes first: a workflow without one would be seen by nobody."""
    _check_created(given)
    collected = await collect(call, given.confirmation_token, call.mint.setup_intent)
    try:
        intent, method, consented = await _new_intent(call, given, collected)
        command = (
            Confirm(**identity(call), **_how(call, given, collected), changes=consented) if given.confirm else None
        )
        refusal = decide(intent, command, call.now) if command else None
        if isinstance(refusal, Refusal):
            raise errors.refused(refusal)
    except StripeError:
        # A repetition of a request that died may find its own payment method taken: by itself.
        known = await records.load(call.services.database, call.scope, call.mint.setup_intent)
        if known is None:
            raise
        again = Confirm(**identity(call), **_how(call, given, collected)) if given.confirm else None
        return await _send(call, known, again) if again else body_of(call, known)
    if command is not None:
        await take(call, collected.token, intent.id)
    new = await call.services.setup_records.create(intent, call.cause, method)
    # If not, a repetition of a request that died: the intent may have moved on, and must not start from the beginning.
    known = intent if new else await _existing(call, intent.id)
    if command is not None:
        async with set_up_with(call, known, command, new=new and method is not None) as told:
            return await (start_with if new else send)(call, known, told)
    if known.version == intent.version:
        await call.services.setups.start(known)
    return body_of(call, known)


def _check_created(given: parameters.SetupCreateParameters) -> None:
    for name in () if given.confirm else parameters.WITH_CONFIRM_ONLY:
        if name in given.model_fields_set and getattr(given, name) is not None:
            text = f"The parameter `{name}` can only be used when creating a SetupIntent with `confirm=true`."
            raise invalid_request(text, param=name)
    _check_own(given)


def _check_own(given: Any, intent: SetupIntent | None = None) -> None:
    """What is for the account's own money is for no customer, and only that may go out; with what is said already."""
    own = intent.attach_to_self if intent and given.attach_to_self is None else given.attach_to_self
    customer = intent.customer if intent and given.customer is None else given.customer
    if own and customer and (given.attach_to_self or given.customer):
        text = "You may only specify one of these parameters: attach_to_self, customer."
        raise invalid_request(text, code="parameters_exclusive", param="attach_to_self")
    if "outbound" in (given.flow_directions or ()) and not own:
        text = "The `outbound` flow direction can only be used with `attach_to_self`."
        raise invalid_request(text, param="flow_directions")


def _how(call: Call, given: Any, collected: Collected) -> JsonObject:
    by_default = "use_stripe_sdk" not in given.model_fields_set
    return {
        "return_url": given.return_url or collected.return_url,
        "use_stripe_sdk": given.use_stripe_sdk or (by_default and collected.use_stripe_sdk),
        "route": call.services.default_route,
    }


async def _new_intent(
    call: Call, given: parameters.SetupCreateParameters, collected: Collected
) -> tuple[SetupIntent, PaymentMethod | None, Body]:
    """The intent, the method that is to be written down with it, and what its confirmation says besides."""
    types = await method_types.of_new(call, given)
    customer = given.customer and (await existing_customer(call, given.customer))["id"]
    chosen = await method_of(call, given) or collected.chosen
    method = chosen.method if chosen else None
    said = _collected(collected) | given.given(*DESCRIBED) | _single_use(given)
    consented = _mandate_data(call, given) or {name: said[name] for name in ("mandate_data",) if name in said}
    said.pop("mandate_data", None)
    flow = said.pop("flow_directions", None)
    intent = SetupIntent(
        id=call.mint.setup_intent,
        account=call.key.account,
        livemode=call.key.livemode,
        created=call.now,
        client_secret=call.mint.setup_secret,
        status=Status.REQUIRES_CONFIRMATION if method else Status.REQUIRES_PAYMENT_METHOD,
        usage=given.usage or "off_session",
        payment_method=method,
        customer=customer,
        metadata={key: value for key, value in (given.metadata or {}).items() if value is not None},
        on_behalf_of=given.on_behalf_of,
        platform=call.key.platform,
        flow_directions=tuple(flow) if flow is not None else None,
        rules=SETUP_RULES,
        **said | types,
    )
    intent = with_automatic_types(intent)
    refusal = confirming.types_refusal(intent) or confirming.method_refusal(intent) or limits.intent_refusal(intent)
    if refusal:
        raise errors.refused(refusal)
    return intent, method if chosen and chosen.new else None, consented | consent(call, method, consented)


def _single_use(given: parameters.SetupCreateParameters) -> Body:
    """The one payment that the mandate is for, in a currency that there is."""
    if given.single_use is None:
        return {}
    currency = given.single_use["currency"].lower()
    refusal = currency_refusal(currency)
    if refusal:
        raise errors.refused(replace(refusal, param="single_use[currency]"))
    return {"single_use": given.single_use | {"currency": currency}}


def _collected(collected: Collected) -> Body:
    return {name: value for name, value in collected.changes.items() if name in COLLECTED}


def _mandate_data(call: Call, given: Any) -> Body:
    """Who consented, and from where, if that was told."""
    return {"mandate_data": mandate_acceptance(call, given.mandate_data)} if given.mandate_data else {}


async def retrieve(call: Call, given: parameters.SetupRetrieveParameters) -> Body:
    """The workflow's own word while it is open, the record's afterwards, or when no worker answers in time."""
    id_ = call.path_id("setupintent", "intent")
    record = await records.glance(call.services.database, call.scope, id_)
    if record is None:
        raise missing("setupintent", id_, "intent", in_path=True)
    intent = record.ended
    if intent is None:
        now = await call.services.setups.retrieve(id_)
        # The record is ahead only after a crash of everything at once; then it is the one that knows.
        intent = now if now is not None and now.version >= record.version else await _existing(call, id_)
    _check_secret(call, given.client_secret, intent)
    return body_of(call, intent)


async def update(call: Call, given: parameters.SetupUpdateParameters) -> Body:
    """Change attributes; an empty string clears, and takes the payment method away."""
    intent = await recorded(call)
    _check_own(given, intent)
    changes = await _changes_of(call, given)
    if "payment_method" in given.model_fields_set and given.payment_method is None:
        changes[UNSET] = None
    async with write_method(call, intent, await method_of(call, given)) as made:
        return await _send(call, intent, Update(**identity(call), changes=changes, payment_method=made.method))


async def _changes_of(call: Call, given: Any) -> Body:
    changes = given.given(*CHANGED) | await method_types.changes(call, given)
    if changes.get("customer"):
        await existing_customer(call, changes["customer"])
    return dict(changes)


async def confirm(call: Call, given: parameters.SetupConfirmParameters) -> Body:
    """Confirm; a browser may do so with the client secret."""
    intent = await recorded(call)
    _check_secret(call, given.client_secret, intent)
    if call.publishable:
        for name in sorted(given.model_fields_set - parameters.PUBLISHABLE_CONFIRM):
            raise for_servers(name)
    collected = await collect(call, given.confirmation_token, intent.id)
    changes = _collected(collected) | await _changes_of(call, given) | _mandate_data(call, given)
    if call.publishable and changes.get("payment_method_options"):
        said = changes["payment_method_options"]
        changes["payment_method_options"] = buyers_options(intent.payment_method_options or {}, said)
    async with write_method(call, intent, await method_of(call, given) or collected.chosen) as made:
        if call.publishable:
            check_owner(intent, made.method or intent.payment_method)
        command = Confirm(
            **identity(call),
            **_how(call, given, collected),
            changes=changes | consent(call, made.method or intent.payment_method, changes),
            payment_method=made.method,
            publishable=call.publishable,
        )
        await take(call, collected.token, intent.id)
        try:
            return await _send(call, intent, command, new=made.new)
        except StripeError as error:
            if error.status != DECLINED:
                await give_back(call, collected.token, intent.id)
            raise


async def cancel(call: Call, given: parameters.SetupCancelParameters) -> Body:
    """End the intent."""
    command = Cancel(**identity(call), cancellation_reason=given.cancellation_reason)
    return await _send(call, await recorded(call), command)


async def verify_microdeposits(call: Call, given: parameters.SetupVerifyParameters) -> Body:
    """Prove ownership of a bank account."""
    intent = await recorded(call)
    _check_secret(call, given.client_secret, intent)
    amounts = tuple(given.amounts or ())
    command = VerifyMicrodeposits(**identity(call), amounts=amounts, descriptor_code=given.descriptor_code)
    return await _send(call, intent, command)


async def list_all(call: Call, given: parameters.SetupListParameters) -> Body:
    """A page, newest first, from the records."""
    found, has_more = await records.newest(
        call.services.database,
        call.scope,
        cursor(given),
        created_bounds(given.created),
        given.customer,
        given.customer_account,
        given.payment_method,
        given.attach_to_self,
    )
    if not found:
        await check_parents(call, given, "customer")
    return list_body("/v1/setup_intents", [body_of(call, intent) for intent in found], has_more)


async def list_attempts(call: Call, given: parameters.SetupAttemptsListParameters) -> Body:
    """A page of the attempts of one intent, newest first."""
    if not await exists(call.services.database, call.scope, "setupintent", given.setup_intent):
        raise missing("setupintent", given.setup_intent, "setup_intent", in_path=False)
    found, has_more = await records.attempts(
        call.services.database, call.scope, cursor(given), created_bounds(given.created), given.setup_intent
    )
    return list_body("/v1/setup_attempts", [render_attempt(attempt) for attempt in found], has_more)


def _check_secret(call: Call, given: str | None, intent: SetupIntent) -> None:
    if call.publishable:
        check_client_secret(given, intent.client_secret, "SetupIntent")


async def recorded(call: Call) -> SetupIntent:
    """The intent of the path, as it was last recorded.

    Raises:
        StripeError: there is none.
    """
    return await _existing(call, call.path_id("setupintent", "intent"))


async def _existing(call: Call, id_: str) -> SetupIntent:
    intent = await records.load(call.services.database, call.scope, id_)
    if intent is None:
        raise missing("setupintent", id_, "intent", in_path=True)
    return intent


async def about(services: Services, scope: Scope, id_: str) -> Body:
    """The intent that a command with wrong parameters is about, as live Stripe shows it; nothing if there is none."""
    unknown = len(id_) > ID_MAX or unstorable(id_)
    intent = None if unknown else await records.load(services.database, scope, id_)
    return {"setup_intent": render(intent)} if intent is not None else {}


async def _send(
    call: Call, intent: SetupIntent, command: Confirm | Update | Cancel | VerifyMicrodeposits, *, new: bool = False
) -> Body:
    async with set_up_with(call, intent, command, new=new) as told:
        return await send(call, intent, told)


RESOURCE = Resource(path="/v1/setup_intents", name="setup_intents", returns="setup_intent")
ATTEMPTS = Resource(path="/v1/setup_attempts", name="setup_attempts", returns="setup_attempt")

_COMMANDS = (
    ("confirm", "Confirm a SetupIntent", parameters.SetupConfirmParameters, confirm, True),
    ("cancel", "Cancel a SetupIntent", parameters.SetupCancelParameters, cancel, False),
    ("verify_microdeposits", "Verify microdeposits", parameters.SetupVerifyParameters, verify_microdeposits, True),
)

OPERATIONS = (
    RESOURCE.operation("POST", "", "create", "Create a SetupIntent", parameters.SetupCreateParameters, create),
    RESOURCE.operation("GET", "", "list", "List SetupIntents", parameters.SetupListParameters, list_all, is_list=True),
    RESOURCE.operation(
        "GET",
        "/{id}",
        "retrieve",
        "Retrieve a SetupIntent",
        parameters.SetupRetrieveParameters,
        retrieve,
        publishable=True,
    ),
    RESOURCE.operation("POST", "/{id}", "update", "Update a SetupIntent", parameters.SetupUpdateParameters, update),
    *(
        replace(
            RESOURCE.operation("POST", f"/{{id}}/{name}", name, summary, takes, does, publishable=publishable),
            about=about,
        )
        for name, summary, takes, does, publishable in _COMMANDS
    ),
    ATTEMPTS.operation(
        "GET",
        "",
        "list",
        "List the attempts of a SetupIntent",
        parameters.SetupAttemptsListParameters,
        list_attempts,
        is_list=True,
    ),
)
