"""Effects and an account to ask Adyen with, for the tests."""

from dataclasses import replace
from typing import Any

from domain.model.outcomes import Authorize, CaptureHold, Increment, Refund, SetUp, Void
from gateways.adyen.account import AdyenAccount
from gateways.adyen.tokens import Stored

PSP = "993617894903480A"
TOKEN = Stored("pm_1", "KHQC5N7G84BLNK43").token
ACCOUNT = AdyenAccount(
    name="adyen", merchant="YOUR_MERCHANT_ACCOUNT", url="https://checkout-test.adyen.com/v72", api_key="k",
    key_secret="s" * 32, hmac_keys=("44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056",),
    basic="adyen:secret", returns="https://engine.example", raw_cards=True, multicapture=True, increments=True,
)  # fmt: skip


def authorization(**more: Any) -> Authorize:
    effect = Authorize(
        key="pi_1/1/authorize", charge="ch_1", amount=1_000, currency="eur", token=TOKEN, capture=True, intent="pi_1"
    )
    return replace(effect, **more)


ABOUT: dict[str, Any] = {"authorization": PSP, "charge": "ch_1", "currency": "eur", "intent": "pi_1"}
CAPTURE = CaptureHold(key="pi_1/1/capture/1", amount=2_000, **ABOUT)
VOID = Void(key="pi_1/1/void", captured=0, **ABOUT)
REFUND = Refund(key="pi_1/1/refund/1", amount=2_500, refund="re_1", **ABOUT)
INCREMENT = Increment(key="pi_1/1/increment/1", amount=2_500, **ABOUT)
SETUP = SetUp(key="seti_1/1/set_up", attempt="setatt_1", token=TOKEN, intent="seti_1")
