"""What an account takes for a no goes with each attempt of the payments that it makes from then on."""

from domain.model.outcomes import AuthenticationRequired, Authorize, Declined
from records.accounts import ensure_account, set_blocked_checks
from tests.api.conftest import Api, error_of

INTENTS = "/v1/payment_intents"
PAY = "amount=1099&currency=usd&payment_method=pm_card_visa&confirm=true"


def asked(api: Api) -> list[tuple[str, ...]]:
    return [effect.blocked for effect in api.engine.gateway.performed if isinstance(effect, Authorize)]


async def test_nothing_is_blocked_to_begin_with(api: Api) -> None:
    await api.post(INTENTS, PAY)
    assert asked(api) == [()]


async def test_each_attempt_says_so_and_the_buyer_is_told(api: Api) -> None:
    await ensure_account(api.database, api.scope.account, "a", 1)
    assert await set_blocked_checks(api.database, api.scope.account, ("cvc", "postal_code"))
    challenge = AuthenticationRequired(authentication="authn_1", url="https://bank.example")
    no = Declined(decline_code="incorrect_zip", checks={"address_postal_code_check": "fail"})
    api.engine.gateway.answers = [challenge, no]
    response = await api.post(INTENTS, f"{PAY}&return_url=https://shop.example")
    intent = response.json()
    assert intent["status"] == "requires_action"
    declined = await api.post(f"{INTENTS}/{intent['id']}/confirm", "payment_method=pm_card_visa&return_url=https://a.b")
    error = error_of(declined)
    assert (declined.status_code, error["code"], error["param"]) == (402, "incorrect_zip", "address_zip")
    assert error["payment_method"]["card"]["checks"]["address_postal_code_check"] == "fail"
    assert set(asked(api)) == {("cvc", "postal_code")}
