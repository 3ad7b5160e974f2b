"""A customer session in the browser: what a buyer has kept, kept anew, and removed; and what there is to offer before
there is an intent. What the session lets be done, and that it is all, is tests/api/routes/test_customer_sessions.py."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_browser_library import CARD, begin, fields, intent, page, shop, type_card  # noqa: F401
from tests.e2e.test_in_browser import CHROMIUM, browser  # noqa: F401
from tests.e2e.test_payment_element import mounted

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; Debian's package `chromium` has it")

CONFIRM = "stripe.confirmPayment({elements, redirect: 'if_required'})"


def kept(sdk: Any, customer: str, *cards: str) -> list[str]:
    """The ids of a customer's cards, newest first."""
    ids: list[str] = []
    for card in cards:
        method = sdk.v1.payment_methods.attach(card, {"customer": customer})
        sdk.v1.payment_methods.update(method.id, {"allow_redisplay": "always"})
        ids.insert(0, method.id)
    return ids


def session(sdk: Any, customer: str, **features: str) -> str:
    said = {"payment_method_redisplay": "enabled", **features}
    components = {"payment_element": {"enabled": True, "features": said}}
    return str(sdk.v1.customer_sessions.create({"customer": customer, "components": components}).client_secret)


def paid(page: Page) -> Any:  # noqa: F811
    begin(page, CONFIRM)
    page.wait_for_function("() => window.result")
    return page.evaluate("() => result.error ?? result.paymentIntent")


def test_a_buyer_pays_with_what_they_have_kept_and_removes_it(sdk: Any, page: Page) -> None:  # noqa: F811
    customer = sdk.v1.customers.create({}).id
    newer, older = kept(sdk, customer, "pm_card_visa", "pm_card_mastercard")
    secret = session(sdk, customer, payment_method_remove="enabled")
    element = mounted(page, intent(sdk, customer=customer), {"customerSessionClientSecret": secret})
    expect(element.get_by_role("radio", name="Mastercard ending in 4444")).to_be_checked()
    element.get_by_role("radio", name="Visa ending in 4242").check()
    removed = element.get_by_role("button", name="Remove: Mastercard ending in 4444")
    removed.click()
    element.get_by_role("button", name="Keep").click()
    assert len(sdk.v1.customers.payment_methods.list(customer).data) == 2, "it was only asked"
    page.evaluate(
        "() => elements.getElement('payment').on('savedpaymentmethodremove', (event) => { window.gone = event })"
    )
    removed.click()
    removed.click()
    expect(element.get_by_role("radio", name="ending in")).to_have_count(1)
    # The list is shorter at once; that it is so at the server as well is said by the event.
    page.wait_for_function("() => window.gone")
    assert [one.id for one in sdk.v1.customers.payment_methods.list(customer).data] == [older]
    gone = page.evaluate("() => gone")
    assert (gone["success"], gone["payment_method"]["id"]) == (True, newer)
    change = page.evaluate("() => events.filter(([name]) => name === 'change').at(-1)[1]")
    assert (change["complete"], change["value"]["payment_method"]["id"]) == (True, older)
    done = paid(page)
    assert (done.get("status"), done.get("payment_method")) == ("succeeded", older), done
    page.evaluate("() => elements.fetchUpdates()")
    expect(element.get_by_role("status")).to_have_text("This payment is complete.")
    assert page.evaluate("() => elements.submit().then((r) => r.error.code)") == "payment_intent_unexpected_state"


def test_a_buyer_keeps_a_new_card_or_does_not(sdk: Any, page: Page) -> None:  # noqa: F811
    customer = sdk.v1.customers.create({}).id
    saving = {"payment_method_save": "enabled", "payment_method_save_usage": "off_session"}
    for keeps in (False, True):
        secret = session(sdk, customer, **saving)
        element = mounted(page, intent(sdk, customer=customer), {"customerSessionClientSecret": secret})
        expect(element.get_by_role("radio", name="Saved", exact=True)).to_have_count(0)
        type_card(element)
        keep = element.get_by_role("checkbox")
        expect(keep).not_to_be_checked()
        keep.set_checked(keeps)
        told = expect(element.locator(".chosen .TermsText"))
        told.to_contain_text("for future payments") if keeps else told.to_be_empty()
        page.evaluate("() => { window.result = undefined }")
        done = paid(page)
        assert (done.get("status"), done["setup_future_usage"]) == ("succeeded", "off_session" if keeps else None), done
        methods = sdk.v1.customers.payment_methods.list(customer).data
        assert [one.allow_redisplay for one in methods] == ["always"] * keeps
        page.evaluate("() => elements.getElement('payment').destroy()")


def test_nothing_is_shown_of_somebody_else(sdk: Any, page: Page) -> None:  # noqa: F811
    customer, other = (sdk.v1.customers.create({}).id for _ in range(2))
    kept(sdk, customer, "pm_card_visa")
    element = mounted(page, intent(sdk, customer=other), {"customerSessionClientSecret": session(sdk, customer)})
    expect(element.get_by_role("alert")).to_contain_text("is not the customer of the intent")
    failed = page.evaluate("() => events.find(([name]) => name === 'loaderror')[1].error")
    assert failed["param"] == "customer_session_client_secret"


def test_before_there_is_an_intent_it_offers_what_the_account_does(sdk: Any, page: Page) -> None:  # noqa: F811
    customer = sdk.v1.customers.create({}).id
    (card,) = kept(sdk, customer, "pm_card_visa")
    group = {
        "mode": "payment",
        "amount": 1099,
        "currency": "eur",
        "customerSessionClientSecret": session(sdk, customer),
    }
    page.evaluate(
        """(group) => {
        window.elements = stripe.elements(group);
        elements.create("payment", {layout: "tabs"}).mount("#box");
    }""",
        group,
    )
    element = fields(page)
    expect(element.locator("#method-ideal")).to_be_attached()
    page.evaluate("() => elements.update({currency: 'usd'})")
    expect(element.locator("#method-cashapp")).to_be_attached()
    expect(element.locator("#method-ideal")).to_have_count(0)
    token = page.evaluate("""() => elements.submit()
        .then(() => stripe.createConfirmationToken({elements, params: {return_url: location.href}}))
        .then((r) => r.error ?? r.confirmationToken.id)""")
    done = sdk.v1.payment_intents.create(
        {"amount": 1099, "currency": "usd", "customer": customer, "confirm": True, "confirmation_token": token}
    )
    assert (done.status, done.payment_method) == ("succeeded", card)


def test_a_token_of_a_typed_card(sdk: Any, page: Page) -> None:  # noqa: F811
    page.evaluate("() => { window.card = stripe.elements().create('card'); card.mount('#box') }")
    form = fields(page)
    incomplete = page.evaluate("() => stripe.createToken(card).then((r) => r.error.code)")
    assert incomplete == "incomplete_number"
    type_card(form)
    form.get_by_label("Postal code").fill("94107")
    made = page.evaluate("() => stripe.createToken(card, {name: 'Jenny'}).then((r) => r.error ?? r.token)")
    assert (made["card"]["last4"], made["card"]["name"], made["card"]["address_zip"]) == ("4242", "Jenny", "94107"), (
        made
    )
    method = sdk.v1.payment_methods.create({"type": "card", "card": {"token": made["id"]}})
    assert method.billing_details.address.postal_code == "94107"
