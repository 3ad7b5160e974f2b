"""The kinds of gateways that there are, and how one of each is made from its setting.

A new kind is a module with an adapter, a line in `KINDS`, and its options in contracts/gateways.py.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from contracts.gateways import ADYEN, SIMULATOR, STRIPE, GatewaySetting
from gateways.adyen.account import AdyenAccount
from gateways.adyen.client import AdyenClient
from gateways.adyen.gateway import AdyenGateway
from gateways.adyen.listener import AdyenListener
from gateways.base import AccountError, Gateway
from gateways.hearing import Say, say_nothing
from gateways.listening import Listener
from gateways.memory import Memory
from gateways.registry import Gateways
from gateways.simulator import SimulatorGateway
from gateways.stripe.account import StripeAccount
from gateways.stripe.gateway import StripeGateway
from gateways.stripe.listener import StripeListener


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What adapters are made with: who is told of silence, what is remembered, and the time (Unix seconds).

    One call is given up after `call_seconds`, where that is said, and not when its profile says so.
    """

    say: Say = say_nothing
    call_seconds: float | None = None
    memory: Memory | None = None
    clock: Callable[[], float] = lambda: 0.0


Builder = Callable[[GatewaySetting, Surroundings], Gateway]


def _simulator(setting: GatewaySetting, around: Surroundings) -> Gateway:
    return SimulatorGateway(setting.url, around.call_seconds, around.say, setting.profile)


def _adyen(setting: GatewaySetting, around: Surroundings) -> Gateway:
    if around.memory is None:
        raise AccountError(f"{setting.name}: Adyen cannot be asked without somebody who remembers what was asked")
    account = adyen_account(setting)
    client = AdyenClient(account, around.call_seconds or setting.profile.call_seconds, around.say)
    return AdyenGateway(account, client, around.memory, around.clock, setting.profile)


def _stripe(setting: GatewaySetting, around: Surroundings) -> Gateway:
    return StripeGateway(stripe_account(setting), setting.profile, around.call_seconds, around.say)


def stripe_account(setting: GatewaySetting) -> StripeAccount:
    """The account at Stripe that a setting is of.

    Raises:
        AccountError: something is missing.
    """
    secrets = {"api_key": setting.secret, "hmac": setting.secrets.get("hmac", "")}
    try:
        return StripeAccount.read(setting.name, setting.url, setting.options, secrets)
    except AccountError as error:
        raise AccountError(f"{setting.name}: {error} (docs/GATEWAYS.md)") from None


def adyen_account(setting: GatewaySetting) -> AdyenAccount:
    """The account that a setting is of.

    Raises:
        AccountError: something is missing or makes no sense.
    """
    secrets = {"api_key": setting.secret, "key_secret": setting.secrets.get("keys", "")}
    secrets |= {"hmac_keys": setting.secrets.get("hmac", ""), "basic": setting.secrets.get("basic", "")}
    try:
        return AdyenAccount.read(setting.name, setting.url, setting.options, secrets)
    except AccountError as error:
        raise AccountError(f"{setting.name}: {error} (docs/GATEWAYS.md)") from None


KINDS: Mapping[str, Builder] = {SIMULATOR: _simulator, ADYEN: _adyen, STRIPE: _stripe}
"""How a gateway of each kind is made."""


def build(settings: Iterable[GatewaySetting], around: Surroundings = Surroundings()) -> Gateways:
    """The gateways of the settings.

    Raises:
        AccountError: an account at one of them makes no sense.
    """
    return Gateways({each.name: KINDS[each.kind](each, around) for each in settings})


def listeners(gateways: Gateways, settings: Iterable[GatewaySetting], around: Surroundings) -> dict[str, Listener]:
    """The ears of those gateways that tell in a dialect of their own, by name."""
    found: dict[str, Listener] = {}
    for each in settings:
        gateway = gateways.named(each.name)
        if isinstance(gateway, AdyenGateway) and around.memory is not None:
            found[each.name] = AdyenListener(adyen_account(each), gateway, around.memory, around.clock)
        elif isinstance(gateway, StripeGateway) and around.memory is not None:
            found[each.name] = StripeListener(stripe_account(each), gateway, around.memory, around.clock)
    return found
