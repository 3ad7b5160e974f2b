"""Domain objects to JSON and back, for the `data` columns.

Reading ignores what it does not know, so an older release reads a newer row. Defaults (of intents and charges) and
nulls (of the others) are left out: an absent field and one that is as by default read the same.
"""

from pydantic import TypeAdapter

from contracts.states import lean, lean_setup, load
from contracts.states import load_setup as _load_setup
from domain.machine.fence import UnderWay
from domain.model.charges import Charge
from domain.model.connected_accounts import ConnectedAccount
from domain.model.disputes import Dispute
from domain.model.hashes import JsonObject
from domain.model.mandates import Mandate
from domain.model.payment_intent import PaymentIntent
from domain.model.payment_methods import PaymentMethod
from domain.model.refunds import ChargeRefund
from domain.model.setup_intent import SetupAttempt, SetupIntent
from domain.model.shares import Share, ShareReturn

_CHARGE: TypeAdapter[Charge] = TypeAdapter(Charge)
_METHOD: TypeAdapter[PaymentMethod] = TypeAdapter(PaymentMethod)
_REFUND: TypeAdapter[ChargeRefund] = TypeAdapter(ChargeRefund)
_DISPUTE: TypeAdapter[Dispute] = TypeAdapter(Dispute)
_MANDATE: TypeAdapter[Mandate] = TypeAdapter(Mandate)
_ACCOUNT: TypeAdapter[ConnectedAccount] = TypeAdapter(ConnectedAccount)
_UNDER_WAY: TypeAdapter[UnderWay] = TypeAdapter(UnderWay)


Stored = JsonObject
"""As it stands in a JSONB column."""


def dump_intent(intent: PaymentIntent) -> Stored:
    """The state as Temporal has it, and its metadata even if there is none: searches look into it."""
    return {**lean(intent), "metadata": intent.metadata}


load_intent = load


def dump_charge(charge: Charge) -> Stored:
    """A charge."""
    return dict(_CHARGE.dump_python(charge, mode="json", exclude_defaults=True))


def load_charge(data: Stored) -> Charge:
    """A charge as it was written."""
    return _CHARGE.validate_python(data)


def dump_method(method: PaymentMethod) -> Stored:
    """A payment method: its token and facts, never a number."""
    return dict(_METHOD.dump_python(method, mode="json", exclude_none=True))


def load_method(data: Stored) -> PaymentMethod:
    """A payment method as it was written."""
    return _METHOD.validate_python(data)


def dump_mandate(mandate: Mandate) -> Stored:
    """A mandate."""
    return dict(_MANDATE.dump_python(mandate, mode="json", exclude_none=True))


def load_mandate(data: Stored) -> Mandate:
    """A mandate as it was written."""
    return _MANDATE.validate_python(data)


def dump_dispute(dispute: Dispute) -> Stored:
    """A dispute."""
    return dict(_DISPUTE.dump_python(dispute, mode="json", exclude_none=True))


def load_dispute(data: Stored) -> Dispute:
    """A dispute as it was written."""
    return _DISPUTE.validate_python(data)


def dump_refund(refund: ChargeRefund) -> Stored:
    """A refund."""
    return dict(_REFUND.dump_python(refund, mode="json", exclude_none=True))


def load_refund(data: Stored) -> ChargeRefund:
    """A refund as it was written."""
    return _REFUND.validate_python(data)


def dump_account(account: ConnectedAccount) -> Stored:
    """A connected account."""
    return dict(_ACCOUNT.dump_python(account, mode="json", exclude_none=True))


def load_account(data: Stored) -> ConnectedAccount:
    """A connected account as it was written."""
    return _ACCOUNT.validate_python(data)


def dump_under_way(under_way: UnderWay) -> Stored:
    """A command that is being carried out."""
    return dict(_UNDER_WAY.dump_python(under_way, mode="json", exclude_none=True))


def load_under_way(data: Stored) -> UnderWay:
    """A claim as it was written."""
    return _UNDER_WAY.validate_python(data)


_SHARE: TypeAdapter[Share] = TypeAdapter(Share)
_RETURN: TypeAdapter[ShareReturn] = TypeAdapter(ShareReturn)


def dump_share(share: Share, *backs: ShareReturn) -> Stored:
    """A share of a payment, with what came back of it most lately."""
    shown: Stored = _SHARE.dump_python(share, mode="json", exclude_none=True)
    return {**shown, "returns": [dump_return(back) for back in backs]}


def load_share(data: Stored) -> tuple[Share, tuple[list[ShareReturn], int]]:
    """A share as it was written; what came back of it most lately, and as many as there may be more."""
    backs = [load_return(back) for back in data.get("returns", ())]
    share = _SHARE.validate_python({name: value for name, value in data.items() if name != "returns"})
    unseen = share.returned > sum(back.amount for back in backs)
    return share, (backs, len(backs) + unseen)


def dump_return(back: ShareReturn) -> Stored:
    """What came back of a share."""
    return dict(_RETURN.dump_python(back, mode="json", exclude_none=True))


def load_return(data: Stored) -> ShareReturn:
    """What came back, as it was written."""
    return _RETURN.validate_python(data)


_ATTEMPT: TypeAdapter[SetupAttempt] = TypeAdapter(SetupAttempt)


def dump_setup(intent: SetupIntent) -> Stored:
    """A SetupIntent as Temporal has it."""
    return lean_setup(intent)


def dump_attempt(attempt: SetupAttempt) -> Stored:
    """An attempt to set a method up."""
    return dict(_ATTEMPT.dump_python(attempt, mode="json", exclude_defaults=True))


def load_attempt(data: Stored) -> SetupAttempt:
    """An attempt as it was written."""
    return _ATTEMPT.validate_python(data)


load_setup = _load_setup
