"""Confirmation tokens in use: what a buyer's page collected becomes part of one confirmation, once."""

from dataclasses import dataclass, field

from api.dialect.call import Call
from api.dialect.errors import StripeError, invalid_request, missing
from api.usecases import payment_methods
from api.usecases.payment_methods import MethodChoice
from domain.model.hashes import JsonObject
from records import confirmation_tokens
from records.codec import load_method
from records.kinds import exists

TOKEN_SECONDS = 12 * 3_600
"""How long a token is good for, as at Stripe."""

USED = "it was used to confirm another intent"

COLLECTED = ("shipping", "setup_future_usage", "payment_method_options", "mandate_data")
"""What a token says about the intent; the request itself has the last word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What a token holds for a confirmation; nothing, when none was given."""

    token: str | None = None
    chosen: MethodChoice | None = None
    changes: JsonObject = field(default_factory=dict)
    return_url: str | None = None
    use_stripe_sdk: bool = False


async def collect(call: Call, id_: str | None, intent: str) -> Collected:
    """Read a token, to confirm this intent with.

    Raises:
        StripeError: there is no such token, its time is up, or another intent was confirmed with it.
    """
    if id_ is None:
        return Collected()
    token = await confirmation_tokens.load(call.services.database, call.scope, id_)
    if token is None:
        raise missing("confirmation_token", id_, "confirmation_token", in_path=False)
    if token["expires_at"] <= call.now:
        raise _unusable("it has expired")
    if await _is_anothers(call, token["payment_intent"], intent):
        # Said before its payment method is looked at, which is used up as well.
        raise _unusable(USED)
    return Collected(
        token=id_,
        chosen=await _method(call, token),
        changes={name: token[name] for name in COLLECTED if token.get(name) is not None},
        return_url=token.get("return_url"),
        use_stripe_sdk=token.get("use_stripe_sdk", False),
    )


def check_usage(collected: Collected, said: str | None) -> None:
    """What the browser was told that the method is kept for must be what the merchant says (`said`, if anything).

    Raises:
        StripeError: it is not.
    """
    told = collected.changes.get("setup_future_usage")
    if told is not None and said is not None and told != said:
        text = (
            f"The provided setup_future_usage ({told}) does not match the setup_future_usage of the PaymentIntent "
            f"({said}). Create the ConfirmationToken with the same one."
        )
        raise invalid_request(text, param="setup_future_usage")


async def take(call: Call, token: str | None, intent: str) -> None:
    """Use the token up for this intent.

    Raises:
        StripeError: another intent has it.
    """
    if token is None:
        return
    database, command = call.services.database, call.mint.command
    # The request may have come long ago: its body was slow, or it waited for its turn.
    now = call.services.clock()
    if not await confirmation_tokens.use(database, call.scope, token, intent, command, now):
        raise _unusable(USED)


async def give_back(call: Call, token: str | None, intent: str) -> None:
    """The confirmation was refused: the token is as good as new, unless another one of the intent has used it."""
    if token is not None:
        database, command = call.services.database, call.mint.command
        await confirmation_tokens.give_back(database, call.scope, token, intent, command)


async def _is_anothers(call: Call, holder: str | None, intent: str) -> bool:
    """Whether the token's holder is an intent that was made, and not this one; `take` has the last word."""
    if holder is None or holder == intent:
        return False
    kinds = ("payment_intent", "setupintent")
    return any([await exists(call.services.database, call.scope, kind, holder) for kind in kinds])


async def _method(call: Call, token: confirmation_tokens.Token) -> MethodChoice:
    drafted = load_method(token["payment_method"])
    if token.get("existing"):
        return await payment_methods.choose(call, drafted.id)
    return payment_methods.as_new(call, drafted, "confirmation_token")


def _unusable(why: str) -> StripeError:
    return invalid_request(
        f"This ConfirmationToken cannot be used: {why}. Create a new one.",
        code="payment_intent_confirmation_token_invalid",
    )
