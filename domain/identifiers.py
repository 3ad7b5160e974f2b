"""Ids: their prefixes, and the ids that must come out the same however often they are made.

A charge, an event or a gateway key made while a command runs may be made again when the command is replayed; it is
therefore computed from what it belongs to. Ids that need randomness are minted at the edge (api/), never here.
"""

import hashlib

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

ID_MAX = 255
"""Longest id we look up; Temporal's own limit on a workflow id is 1,000 characters."""


SETUP_PREFIX = "seti_"
"""What ids of SetupIntents start with; those of PaymentIntents with `pi_`."""


def digest62(*parts: object, length: int) -> str:
    """Base-62 text of `length` characters that depends on all `parts` and nothing else."""
    number = int.from_bytes(hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest(), "big")
    text = ""
    for _ in range(length):
        number, index = divmod(number, 62)
        text += BASE62[index]
    return text


def application_id(platform: str) -> str:
    """`ca_` and 32 characters: what an account is called as a platform, in what it has done for connected accounts."""
    return "ca_" + digest62(platform, "application", length=32)


def application(platform: str | None) -> str | None:
    """The same, of who has made something for a connected account; None if its account has itself."""
    return None if platform is None else application_id(platform)


def charge_id(payment_intent: str, attempt: int, prefix: str = "ch_3") -> str:
    """Id of the charge made by the given attempt (1, 2, …) of a PaymentIntent."""
    return prefix + digest62("charge", payment_intent, attempt, length=23)


RECEIPTS = "/receipts"
"""Where receipts are, on the pages of this engine."""


def receipt_path(client_secret: str, charge: str) -> str:
    """Where the receipt of a charge is. Nobody can guess it who does not know the payment's secret."""
    return f"{RECEIPTS}/{charge}/{digest62('receipt', client_secret, charge, length=32)}"


def mandate_id(payment_intent: str, attempt: int) -> str:
    """Id of the mandate that the given attempt of a PaymentIntent gave rise to."""
    return "mandate_1" + digest62("mandate", payment_intent, attempt, length=23)


def setup_attempt_id(setup_intent: str, attempt: int) -> str:
    """Id of the given attempt (1, 2, …) to set up what a SetupIntent is for."""
    return "setatt_1" + digest62("attempt", setup_intent, attempt, length=23)


def kept_debit_id(setup_intent: str, attempt: int) -> str:
    """Id of the payment method that is kept in the place of what was set up by an attempt."""
    return "pm_1" + digest62("kept", setup_intent, attempt, length=23)


def refund_id(payment_intent: str, sequence: int) -> str:
    """Id of a refund that nobody named: the first, second, … of a PaymentIntent, asked for by signal."""
    return "re_3" + digest62("refund", payment_intent, sequence, length=23)


def release_refund_id(charge: str) -> str:
    """Id of the refund that tells of what was released of a charge's hold."""
    return "re_3" + digest62("release", charge, length=23)


def event_id(payment_intent: str, version: int, index: int) -> str:
    """Id of the `index`-th event announced by the given version of a PaymentIntent."""
    return "evt_3" + digest62("event", payment_intent, version, index, length=23)


def request_event_id(seed: str, type_: str, object_id: str) -> str:
    """Id of an event that a request announced: the same request, taken up again after a crash, announces the same."""
    return "evt_1" + digest62("event", seed, type_, object_id, length=23)


def gateway_key(payment_intent: str, attempt: int, operation: str, sequence: int = 0) -> str:
    """Idempotency key of one gateway operation: the same operation of the same attempt always has the same key."""
    return f"{payment_intent}/{attempt}/{operation}" + (f"/{sequence}" if sequence else "")
