"""`next_action`: what a buyer is asked to do, in the shape Stripe has for each way of doing it."""

from collections.abc import Callable

from domain.methods.families import TRANSFER
from domain.model.hashes import JsonObject
from domain.model.next_actions import VERIFY, NextAction
from domain.model.payment_intent import PaymentIntent
from domain.model.statuses import Status
from rendering import cash_balance

Shape = JsonObject


def render(intent: PaymentIntent) -> Shape | None:
    """The hash, with the one of its own type inside; None when nothing is asked of the buyer."""
    action = intent.next_action
    if action is None or intent.status != Status.REQUIRES_ACTION:
        return None
    if action.type == TRANSFER:
        return {"type": TRANSFER, TRANSFER: _transfer(intent, action)}
    return shape(action)


def shape(action: NextAction) -> Shape:
    """The hash of whatever does not take the intent to be shown."""
    make = _SHAPES.get(action.type, _opaque)
    name = action.type if action.type in _SHAPES else "use_stripe_sdk"
    return {"type": action.type, name: make(action)}


def _transfer(intent: PaymentIntent, action: NextAction) -> Shape:
    """Where to send how much more."""
    return {
        "amount_remaining": intent.amount - intent.funded,
        "currency": intent.currency,
        "financial_addresses": cash_balance.addresses(action.details.get("addresses") or [], action.details),
        "hosted_instructions_url": action.url,
        "reference": action.authentication,
        "type": action.details.get("type"),
    }


def _opaque(action: NextAction) -> Shape:
    # Stripe calls this hash opaque; its own browser library is the only reader, and ours will be.
    return {"type": "three_d_secure_redirect", "stripe_js": action.url, "source": action.authentication}


def _redirect(action: NextAction) -> Shape:
    return {"return_url": action.return_url, "url": action.url}


def _alipay(action: NextAction) -> Shape:
    return {"native_data": None, "native_url": None, "return_url": action.return_url, "url": action.url}


def _verify(action: NextAction) -> Shape:
    return {
        "arrival_date": action.arrival_date,
        "hosted_verification_url": action.url,
        "microdeposit_type": action.microdeposit_type,
    }


def _boleto(action: NextAction) -> Shape:
    number = action.details.get("number")
    return {"expires_at": action.expires_at, "hosted_voucher_url": action.url, "number": number, "pdf": None}


def _oxxo(action: NextAction) -> Shape:
    number = action.details.get("number")
    return {"expires_after": action.expires_at, "hosted_voucher_url": action.url, "number": number}


def _konbini(action: NextAction) -> Shape:
    stores = action.details.get("stores") or {}
    return {"expires_at": action.expires_at, "hosted_voucher_url": action.url, "stores": stores}


def _multibanco(action: NextAction) -> Shape:
    shown = {name: action.details.get(name) for name in ("entity", "reference")}
    return {**shown, "expires_at": action.expires_at, "hosted_voucher_url": action.url}


def _images(action: NextAction) -> Shape:
    return {"image_url_png": f"{action.url}/qr.png", "image_url_svg": f"{action.url}/qr.svg"}


def _code(action: NextAction) -> Shape:
    """A code to scan."""
    return {"data": action.details.get("data"), "hosted_instructions_url": action.url, **_images(action)}


def _code_with_expiry(action: NextAction) -> Shape:
    return {**_code(action), "expires_at": action.expires_at}


def _app_or_code(action: NextAction) -> Shape:
    """An app to open on a phone, or a code to scan from elsewhere."""
    scanned = {"expires_at": action.expires_at, **_images(action)}
    return {"hosted_instructions_url": action.url, "mobile_auth_url": action.url, "qr_code": scanned}


def _swish(action: NextAction) -> Shape:
    shown = _app_or_code(action)
    return {**shown, "qr_code": {"data": action.details.get("data"), **shown["qr_code"]}}


def _upi(action: NextAction) -> Shape:
    scanned = {"expires_at": action.expires_at, **_images(action)}
    return {"hosted_instructions_url": action.url, "qr_code": scanned}


def _wechat_pay(action: NextAction) -> Shape:
    return {**_code(action), "image_data_url": action.details.get("image_data_url")}


def _wechat_pay_android(action: NextAction) -> Shape:
    names = ("app_id", "nonce_str", "package", "partner_id", "prepay_id", "sign", "timestamp")
    return {name: action.details.get(name) for name in names}


def _nothing(action: NextAction) -> Shape:
    """The buyer's bank asks them by itself."""
    del action
    return {}


_SHAPES: dict[str, Callable[[NextAction], Shape]] = {
    "alipay_handle_redirect": _alipay,
    "blik_authorize": _nothing,
    "boleto_display_details": _boleto,
    "cashapp_handle_redirect_or_display_qr_code": _app_or_code,
    "konbini_display_details": _konbini,
    "multibanco_display_details": _multibanco,
    "oxxo_display_details": _oxxo,
    "paynow_display_qr_code": _code,
    "pix_display_qr_code": _code_with_expiry,
    "promptpay_display_qr_code": _code,
    "redirect_to_url": _redirect,
    "swish_handle_redirect_or_display_qr_code": _swish,
    "upi_handle_redirect_or_display_qr_code": _upi,
    VERIFY: _verify,
    "wechat_pay_display_qr_code": _wechat_pay,
    "wechat_pay_redirect_to_android_app": _wechat_pay_android,
    "wechat_pay_redirect_to_ios_app": lambda action: {"native_url": action.url},
}
