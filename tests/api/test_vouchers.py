"""Vouchers and codes at the edge: numbers and times that cannot be, and amounts that cannot be paid that way."""

import pytest

from tests.api.conftest import Api, error_of

INTENTS = "/v1/payment_intents"
KONBINI, PIX = "payment_method_options[konbini]", "payment_method_options[pix]"
CURRENCIES = {KONBINI: ("jpy", "konbini"), PIX: ("brl", "pix"), "payment_method_options[boleto]": ("brl", "boleto")}


def form_of(within: str, *said: str) -> str:
    currency, type_ = CURRENCIES[within]
    return f"amount=2000&currency={currency}&allowed_payment_method_types[]={type_}&" + "&".join(
        f"{within}[{name}]" for name in said
    )


ONE_OF = "only specify one of these parameters: "


@pytest.mark.parametrize(
    ("within", "said", "param", "message"),
    [
        (KONBINI, ("confirmation_number]=123",), "[confirmation_number]", "10 or 11 digits"),
        (KONBINI, ("confirmation_number]=123456789",), "[confirmation_number]", "10 or 11 digits"),
        (KONBINI, ("confirmation_number]=123456789012",), "[confirmation_number]", "10 or 11 digits"),
        (KONBINI, ("confirmation_number]=12345abcde",), "[confirmation_number]", "10 or 11 digits"),
        (KONBINI, ("confirmation_number]=1234567890１",), "[confirmation_number]", "10 or 11 digits"),
        (KONBINI, ("confirmation_number]=0000000000",), "[confirmation_number]", "all zeros"),
        (KONBINI, ("expires_after_days]=0",), "[expires_after_days]", "1"),
        (KONBINI, ("expires_after_days]=61",), "[expires_after_days]", "60"),
        (KONBINI, ("expires_after_days]=3", "expires_at]=1999999999"), "", f"{ONE_OF}expires_after_days, expires_at"),
        (PIX, ("expires_after_seconds]=59",), "[expires_after_seconds]", "60"),
        (PIX, ("expires_after_seconds]=1209601",), "[expires_after_seconds]", "1209600"),
        (PIX, ("expires_after_seconds]=60", "expires_at]=1999999999"), "", f"{ONE_OF}expires_after_seconds,"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("at", ["create", "update"])
async def test_what_cannot_be_is_refused(
    api: Api, within: str, said: tuple[str, ...], param: str, message: str, at: str
) -> None:
    form = form_of(within) + "&" + "&".join(f"{within}[{one}" for one in said)
    path = INTENTS
    if at == "update":
        path = f"{INTENTS}/{(await api.post(INTENTS, form_of(within))).json()['id']}"
    before = (await api.get(INTENTS)).json()["data"]
    error = error_of(await api.post(path, form))
    assert error["param"] == f"{within}{param}"
    assert message in error["message"]
    assert (await api.get(INTENTS)).json()["data"] == before


@pytest.mark.parametrize(
    ("within", "name", "value"),
    [
        (KONBINI, "confirmation_number", "0123456789"),
        (KONBINI, "confirmation_number", "22222222220"),
        (KONBINI, "expires_after_days", "1"),
        (KONBINI, "expires_after_days", "60"),
        (KONBINI, "expires_at", "1999999999"),
        (PIX, "expires_after_seconds", "60"),
        (PIX, "expires_after_seconds", "1209600"),
        ("payment_method_options[boleto]", "expires_after_days", "0"),
    ],
)
async def test_what_can_be_is_taken(api: Api, within: str, name: str, value: str) -> None:
    plain = (await api.post(INTENTS, form_of(within))).json()["payment_method_options"]
    answer = await api.post(INTENTS, f"{form_of(within)}&{within}[{name}]={value}")
    assert answer.status_code == 200, answer.text
    (options,) = answer.json()["payment_method_options"].values()
    assert str(options[name]) == value
    cleared = await api.post(f"{INTENTS}/{answer.json()['id']}", f"{within}=")
    assert cleared.json()["payment_method_options"] == plain


@pytest.mark.parametrize(
    ("type_", "currency", "amount", "code", "message"),
    [
        ("boleto", "brl", 499, "amount_too_small", "Amount must be at least R$ 5.00 brl"),
        ("boleto", "brl", 5_000_000, "amount_too_large", "Amount must be no more than R$ 49,999.99 brl"),
        ("oxxo", "mxn", 1_000_001, "amount_too_large", "Amount must be no more than $10,000.00 mxn"),
        ("oxxo", "mxn", 999, "amount_too_small", "Amount must be at least $10.00 mxn"),
        ("konbini", "jpy", 300_001, "amount_too_large", "Amount must be no more than ¥300,000 jpy"),
    ],
)
async def test_an_amount_that_cannot_be_paid_that_way(
    api: Api, type_: str, currency: str, amount: int, code: str, message: str
) -> None:
    form = f"amount={amount}&currency={currency}&payment_method_types[]={type_}"
    answer = await api.post(INTENTS, form, Stripe_Version="2026-08-26.dahlia")
    error = error_of(answer)
    assert (answer.status_code, error["code"], error["param"]) == (400, code, "amount")
    assert error["message"] == message
    assert (await api.get(INTENTS)).json()["data"] == []
