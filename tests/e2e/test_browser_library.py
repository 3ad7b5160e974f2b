"""Front ends written for Stripe.js, in a real Chromium: another origin's page with the script's address changed."""

import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from embedded.ports import free_port
from settings import ROOT
from tests.e2e.axe import AXE, LOOK
from tests.e2e.conftest import Running
from tests.e2e.test_in_browser import CHROMIUM, PATIENCE_MS, browser  # noqa: F401

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; Debian's package `chromium` has it")

MODULES = ROOT / "browser" / "node_modules"
ESBUILD = MODULES / ".bin" / "esbuild"

KEY = "pk_test_perdure"
CARD, CHALLENGED, DECLINED = "4242424242424242", "4000002500003155", "4000000000000002"

SHOP = """<!doctype html><html lang="en"><title>Shop</title><meta charset="utf-8">
<script src="{api}/v3/"></script><h1>Shop</h1><div id="box" style="padding: 8px; width: 360px"></div>
<div id="second"></div><div id="third"></div><script>const stripe = Stripe("{key}");</script></html>"""


@pytest.fixture(scope="module")
def shop(running: Running) -> Iterator[str]:
    """A merchant's server: one page, whatever the path."""
    body = SHOP.format(api=running.url, key=KEY).encode()

    class Merchant(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", free_port()), Merchant) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@contextmanager
def watched(browser: Browser, url: str) -> Iterator[Page]:  # noqa: F811
    """A page on which nothing goes wrong unseen: no error, no violation of a policy."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    opened = context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda said: problems.append(said.text) if "Content Security Policy" in said.text else None)
    try:
        opened.goto(url)
        yield opened
    finally:
        context.close()
    assert problems == []


@pytest.fixture
def page(browser: Browser, shop: str) -> Iterator[Page]:  # noqa: F811
    """The shop's page."""
    with watched(browser, shop) as opened:
        yield opened


def intent(sdk: Any, **more: Any) -> Any:
    return sdk.v1.payment_intents.create({"amount": 1099, "currency": "usd", **more})


def fields(page: Page, box: str = "#box") -> FrameLocator:
    return page.frame_locator(f"{box} iframe")


def type_card(card: FrameLocator, number: str = CARD, cvc: str = "123") -> None:
    card.get_by_label("Card number").press_sequentially(number)
    card.get_by_label("Expiration date").press_sequentially("1234")
    card.get_by_label("Security code").press_sequentially(cvc)


def begin(page: Page, call: str) -> None:
    """Call without waiting for what comes of it: `result` is there when it has come."""
    page.evaluate(f"() => {{ window.result = undefined; ({call}).then((r) => {{ window.result = r }}) }}")


def mount_card(page: Page) -> FrameLocator:
    page.evaluate("""() => {
        window.changes = [];
        window.elements = stripe.elements();
        window.card = elements.create("card", {hidePostalCode: true});
        card.on("change", (event) => changes.push(event));
        card.mount("#box");
    }""")
    return fields(page)


CONFIRM_CARD = (
    """(secret) => stripe.confirmCardPayment(secret, {payment_method: {card, billing_details: {name: "Jenny"}}})"""
)


def test_a_card_is_paid_with(sdk: Any, page: Page) -> None:
    made = intent(sdk)
    type_card(mount_card(page))
    page.wait_for_function("() => changes.at(-1)?.complete")
    assert page.evaluate("() => changes.at(-1)") == {
        "elementType": "card", "empty": False, "complete": True, "brand": "visa", "value": {"postalCode": ""},
    }  # fmt: skip
    assert "StripeElement--complete" in page.evaluate("() => document.querySelector('#box').className")
    result = page.evaluate(CONFIRM_CARD, made.client_secret)
    assert (result.get("error"), result["paymentIntent"]["status"]) == (None, "succeeded")
    paid = sdk.v1.payment_intents.retrieve(made.id, {"expand": ["payment_method"]})
    assert (paid.status, paid.payment_method.card.last4, paid.payment_method.billing_details.name) == (
        "succeeded", "4242", "Jenny",
    )  # fmt: skip


def test_the_merchants_page_never_sees_the_number(sdk: Any, page: Page) -> None:
    page.evaluate(
        "() => { window.heard = []; addEventListener('message', (m) => heard.push(JSON.stringify(m.data))); }"
    )
    made = intent(sdk)
    type_card(mount_card(page))
    result = page.evaluate(CONFIRM_CARD, made.client_secret)
    assert result["paymentIntent"]["status"] == "succeeded"
    seen = page.content() + str(page.evaluate("() => [heard, changes]")) + str(result)
    assert not any(CARD[:length] in seen.replace(" ", "") for length in (12, 16))
    assert page.evaluate("() => { try { return frames[0].document.body.innerHTML } catch (e) { return e.name } }") == (
        "SecurityError"
    )


def test_a_decline_and_another_card(sdk: Any, page: Page) -> None:
    made = intent(sdk)
    card = mount_card(page)
    type_card(card, DECLINED)
    error = page.evaluate(CONFIRM_CARD, made.client_secret)["error"]
    assert (error["type"], error["code"], error["decline_code"]) == ("card_error", "card_declined", "generic_decline")
    assert error["payment_intent"]["status"] == "requires_payment_method"
    page.evaluate("() => card.clear()")
    type_card(card)
    assert page.evaluate(CONFIRM_CARD, made.client_secret)["paymentIntent"]["status"] == "succeeded"


@pytest.mark.parametrize(
    ("number", "expiry", "code"),
    [
        ("4242", "1234", "incomplete_number"),
        ("4242424242424241", "1234", "invalid_number"),
        (CARD, "0120", "invalid_expiry_year_past"),
        (CARD, "12", "incomplete_expiry"),
    ],
)
def test_what_is_typed_wrong_is_said_and_not_sent(sdk: Any, page: Page, number: str, expiry: str, code: str) -> None:
    made = intent(sdk)
    card = mount_card(page)
    card.get_by_label("Card number").press_sequentially(number)
    card.get_by_label("Expiration date").fill(expiry)
    card.get_by_label("Security code").press_sequentially("123")
    error = page.evaluate(CONFIRM_CARD, made.client_secret)["error"]
    assert (error["type"], error["code"]) == ("validation_error", code)
    assert sdk.v1.payment_intents.retrieve(made.id).status == "requires_payment_method"


def test_a_card_in_three_frames(sdk: Any, page: Page) -> None:
    made = intent(sdk)
    page.evaluate("""() => {
        const elements = stripe.elements();
        window.card = elements.create("cardNumber");
        card.mount("#box");
        elements.create("cardExpiry").mount("#second");
        elements.create("cardCvc").mount("#third");
    }""")
    fields(page).get_by_label("Card number").press_sequentially(CARD)
    error = page.evaluate(CONFIRM_CARD, made.client_secret)["error"]
    assert error["type"] == "validation_error"
    fields(page, "#second").get_by_label("Expiration date").press_sequentially("1234")
    fields(page, "#third").get_by_label("Security code").press_sequentially("123")
    assert page.evaluate(CONFIRM_CARD, made.client_secret)["paymentIntent"]["status"] == "succeeded"


Do = Callable[[Page, FrameLocator], None]


def approve(page: Page, bank: FrameLocator) -> None:
    bank.get_by_role("button", name="Complete authentication").click()


def fail(page: Page, bank: FrameLocator) -> None:
    bank.get_by_role("button", name="Fail authentication").click()


def close_at_the_bank(page: Page, bank: FrameLocator) -> None:
    bank.get_by_role("button", name="Close").click()


def close_the_dialog(page: Page, bank: FrameLocator) -> None:
    page.get_by_role("button", name="Close", exact=True).click()


def escape(page: Page, bank: FrameLocator) -> None:
    page.keyboard.press("Escape")


@pytest.mark.parametrize(
    ("do", "status"),
    [
        (approve, "succeeded"),
        (fail, "requires_payment_method"),
        (close_at_the_bank, "requires_payment_method"),
        (close_the_dialog, "requires_payment_method"),
        (escape, "requires_payment_method"),
    ],
)
def test_3d_secure_in_a_dialog(sdk: Any, page: Page, do: Do, status: str) -> None:
    made = intent(sdk)
    type_card(mount_card(page), CHALLENGED)
    page.evaluate(
        f"(secret) => {{ ({CONFIRM_CARD})(secret).then((result) => {{ window.result = result }}) }}", made.client_secret
    )
    bank = page.frame_locator("dialog iframe")
    bank.get_by_role("button", name="Complete authentication").wait_for()
    do(page, bank)
    page.wait_for_function("() => window.result")
    expect(page.locator("dialog")).to_have_count(0)
    result = page.evaluate("() => result")
    assert sdk.v1.payment_intents.retrieve(made.id).status == status
    if status == "succeeded":
        assert result["paymentIntent"]["status"] == status
    else:
        assert result["error"]["code"] == "payment_intent_authentication_failure"
        assert result["error"]["payment_intent"]["status"] == status


def test_3d_secure_left_to_the_merchant_and_taken_up(sdk: Any, page: Page) -> None:
    made = intent(sdk)
    type_card(mount_card(page), CHALLENGED)
    unhandled = CONFIRM_CARD[:-1] + ", {handleActions: false})"
    left = page.evaluate(unhandled, made.client_secret)["paymentIntent"]
    assert (left["status"], left["next_action"]["type"]) == ("requires_action", "use_stripe_sdk")
    page.evaluate(
        "(clientSecret) => { stripe.handleNextAction({clientSecret}).then((r) => { window.result = r }) }",
        made.client_secret,
    )
    approve(page, page.frame_locator("dialog iframe"))
    page.wait_for_function("() => window.result")
    assert page.evaluate("() => result.paymentIntent.status") == "succeeded"
    again = page.evaluate("(clientSecret) => stripe.handleNextAction({clientSecret})", made.client_secret)
    assert again["error"]["code"] == "payment_intent_unexpected_state"


def mount_payment(page: Page, secret: str) -> FrameLocator:
    page.evaluate(
        """(clientSecret) => {
        window.elements = stripe.elements({clientSecret, appearance: {variables: {colorPrimary: "#0a7d4b"}}});
        elements.create("payment").mount("#box");
    }""",
        secret,
    )
    return fields(page)


PAY = "(how) => stripe.confirmPayment({elements, confirmParams: {return_url: location.origin + '/done'}, ...how})"


def test_the_payment_element_takes_a_card_and_goes_on(sdk: Any, page: Page, shop: str) -> None:
    made = intent(sdk)
    type_card(mount_payment(page, made.client_secret))
    begin(page, f"({PAY})()")
    page.wait_for_url(f"{shop}done?*")
    assert f"payment_intent={made.id}" in page.url
    assert "redirect_status=succeeded" in page.url
    assert sdk.v1.payment_intents.retrieve(made.id).status == "succeeded"


def test_the_payment_element_redirects_to_a_bank(sdk: Any, page: Page, shop: str) -> None:
    made = intent(sdk, currency="eur", allowed_payment_method_types=["card", "ideal", "sepa_debit"])
    element = mount_payment(page, made.client_secret)
    element.get_by_label("iDEAL").check()
    begin(page, f"({PAY})()")
    page.get_by_role("button", name="Authorize test payment").click()
    page.wait_for_url(f"{shop}done?*")
    assert "redirect_status=succeeded" in page.url
    assert sdk.v1.payment_intents.retrieve(made.id).status == "succeeded"


def test_the_payment_element_folds_up(sdk: Any, page: Page) -> None:
    made = intent(sdk, currency="eur", allowed_payment_method_types=["card", "ideal"])
    element = mount_payment(page, made.client_secret)
    element.get_by_label("Card number").wait_for()
    page.evaluate("""() => {
        window.changes = [];
        elements.getElement("payment").on("change", (event) => changes.push(event)).collapse();
    }""")
    page.wait_for_function("() => changes.at(-1)?.collapsed")
    expect(element.get_by_label("Card number")).to_be_hidden()
    assert page.evaluate("() => elements.submit().then((r) => r.error.code)") == "incomplete_payment_method"
    element.get_by_label("iDEAL").check()
    page.wait_for_function("() => changes.at(-1)?.collapsed === false")
    assert page.evaluate("() => elements.submit()") == {"selectedPaymentMethod": "ideal"}


def test_the_payment_element_is_set_up_as_the_merchant_says(sdk: Any, page: Page) -> None:
    made = intent(sdk, currency="eur", allowed_payment_method_types=["card", "sepa_debit"])
    options = {
        "paymentMethodOrder": ["sepa_debit"], "layout": {"type": "accordion", "defaultCollapsed": True},
        "fields": {"billingDetails": {"name": "never"}},
        "defaultValues": {"billingDetails": {"email": "j@example.com"}},
    }  # fmt: skip
    page.evaluate(
        """([clientSecret, options]) => {
        window.elements = stripe.elements({clientSecret});
        elements.create("payment", options).mount("#box");
    }""",
        [made.client_secret, options],
    )
    element = fields(page)
    element.get_by_label("SEPA Direct Debit").wait_for()
    assert element.locator("input[type=radio]").evaluate_all("(all) => all.map((one) => one.value)") == [
        "sepa_debit",
        "card",
    ]
    expect(element.get_by_label("IBAN")).to_be_hidden()
    element.get_by_label("SEPA Direct Debit").check()
    expect(element.get_by_label("Email")).to_have_value("j@example.com")
    expect(element.get_by_label("Full name")).to_have_count(0)
    element.get_by_label("IBAN").fill("DE89370400440532013000")
    page.evaluate("() => elements.getElement('payment').update({readOnly: true})")
    element.locator("input[name='sepa_debit.iban']:disabled").wait_for()
    mandate = {"customer_acceptance": {"type": "online", "online": {}}}
    sent = {"payment_method_data": {"billing_details": {"name": "Jenny"}}, "mandate_data": mandate}
    paid = page.evaluate(
        "(confirmParams) => stripe.confirmPayment({elements, redirect: 'if_required', confirmParams})", sent
    )
    assert paid["paymentIntent"]["status"] == "processing"
    method = sdk.v1.payment_methods.retrieve(sdk.v1.payment_intents.retrieve(made.id).payment_method)
    assert (method.billing_details.name, method.billing_details.email) == ("Jenny", "j@example.com")


def test_a_card_is_closed_and_opened_by_the_merchant(page: Page) -> None:
    page.evaluate("""() => {
        window.card = stripe.elements().create("card", {disabled: true, value: {postalCode: "94103"}});
        card.mount("#box");
    }""")
    frame = fields(page)
    expect(frame.get_by_label("Postal code")).to_have_value("94103")
    expect(frame.get_by_label("Card number")).to_be_disabled()
    page.evaluate("() => card.update({disabled: false})")
    frame.locator("input[name=number]:enabled").fill(CARD)
    page.evaluate("""() => stripe.elements().create("cardNumber", {placeholder: "Number, please"}).mount("#second")""")
    fields(page, "#second").get_by_placeholder("Number, please").wait_for()


def test_a_bank_debit_with_microdeposits(sdk: Any, page: Page) -> None:
    options = {"us_bank_account": {"verification_method": "microdeposits"}}
    made = intent(sdk, allowed_payment_method_types=["us_bank_account"], payment_method_options=options)
    given = {"us_bank_account": {"routing_number": "110000000", "account_number": "000123456789",
                                 "account_holder_type": "individual"},
             "billing_details": {"name": "Jenny Rosen", "email": "jenny@example.com"}}  # fmt: skip
    result = page.evaluate(
        "([secret, payment_method]) => stripe.confirmUsBankAccountPayment(secret, {payment_method})",
        [made.client_secret, given],
    )
    assert result["paymentIntent"]["next_action"]["type"] == "verify_with_microdeposits"
    wrong = page.evaluate(
        "(s) => stripe.verifyMicrodepositsForPayment(s, {descriptor_code: 'SM99ZZ'})", made.client_secret
    )
    assert wrong["error"]["code"] == "payment_method_microdeposit_verification_descriptor_code_mismatch"
    right = page.evaluate(
        "(s) => stripe.verifyMicrodepositsForPayment(s, {descriptor_code: 'SM11AA'})", made.client_secret
    )
    assert right["paymentIntent"]["status"] == "processing"


def test_a_voucher_is_shown(sdk: Any, page: Page) -> None:
    made = intent(sdk, currency="mxn", amount=5000, allowed_payment_method_types=["oxxo"])
    element = mount_payment(page, made.client_secret)
    begin(page, f"({PAY})({{redirect: 'if_required'}})")
    page.wait_for_function("() => window.result")
    assert page.evaluate("() => result.error.code") == "incomplete_name"
    element.get_by_label("Full name").fill("Jenny Rosen")
    element.get_by_label("Email").fill("jenny@example.com")
    page.evaluate(
        f"() => {{ window.result = null; ({PAY})({{redirect: 'if_required'}}).then((r) => {{ window.result = r }}) }}"
    )
    page.frame_locator("dialog iframe").get_by_role("heading").first.wait_for()
    page.get_by_role("button", name="Close", exact=True).click()
    page.wait_for_function("() => window.result")
    assert page.evaluate("() => result.paymentIntent.status") == "requires_action"


REACT = """
import React from "react";
import { createRoot } from "react-dom/client";
import { loadStripe } from "@stripe/stripe-js/pure";
import { CardElement, Elements, useElements, useStripe } from "@stripe/react-stripe-js";

function Form({ secret }) {
  const stripe = useStripe();
  const elements = useElements();
  const pay = async () => {
    const method = { card: elements.getElement(CardElement) };
    window.result = await stripe.confirmCardPayment(secret, { payment_method: method });
  };
  return React.createElement("div", null,
    React.createElement(CardElement, { options: { hidePostalCode: true } }),
    React.createElement("button", { onClick: pay, disabled: !stripe }, "Pay"));
}

window.start = (secret) => {
  const stripe = loadStripe("pk_test_perdure");
  const form = React.createElement(Elements, { stripe }, React.createElement(Form, { secret }));
  createRoot(document.querySelector("#box")).render(form);
};
"""


@pytest.mark.skipif(not ESBUILD.exists(), reason="npm ci was not run in browser/")
def test_stripes_own_loader_and_react_components(sdk: Any, page: Page, tmp_path: Path) -> None:
    """Unmodified from npm: they find `window.Stripe` there, because the page has our script."""
    source, bundle = tmp_path / "app.js", tmp_path / "bundle.js"
    source.write_text(REACT)
    command = [
        str(ESBUILD),
        str(source),
        "--bundle",
        f"--outfile={bundle}",
        "--define:process.env.NODE_ENV='production'",
    ]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "NODE_PATH": str(MODULES)})  # noqa: TID251
    made = intent(sdk)
    page.add_script_tag(content=bundle.read_text())
    page.evaluate("(secret) => start(secret)", made.client_secret)
    type_card(fields(page))
    page.get_by_role("button", name="Pay").click()
    page.wait_for_function("() => window.result")
    assert page.evaluate("() => result.error ?? result.paymentIntent.status") == "succeeded"
    assert sdk.v1.payment_intents.retrieve(made.id).status == "succeeded"


@pytest.mark.skipif(not AXE.exists(), reason="npm ci was not run in browser/")
@pytest.mark.parametrize("types", [["card"], ["card", "us_bank_account"]])
def test_the_fields_are_accessible(sdk: Any, page: Page, types: list[str]) -> None:
    made = intent(sdk, allowed_payment_method_types=types)
    mount_payment(page, made.client_secret).get_by_label("Card number").wait_for()
    page.evaluate("() => elements.submit()")
    # In the frame, where the page's policy lets no script in but by the debugger's hand.
    frame = next(frame for frame in page.frames if "frame.html" in frame.url)
    frame.evaluate(AXE.read_text())
    assert frame.evaluate(LOOK) == []


def test_methods_and_tokens_from_elements(sdk: Any, page: Page) -> None:
    page.evaluate("""() => {
        window.elements = stripe.elements({mode: "payment", amount: 1099, currency: "usd"});
        elements.create("payment").mount("#box");
    }""")
    assert page.evaluate("() => elements.submit().then((r) => r.error.code)") == "incomplete_number"
    type_card(fields(page))
    assert page.evaluate("() => elements.submit()") == {"selectedPaymentMethod": "card"}
    method = page.evaluate("() => stripe.createPaymentMethod({elements, params: {billing_details: {name: 'Jenny'}}})")
    assert method["paymentMethod"]["id"].startswith("pm_")
    token = page.evaluate("() => stripe.createConfirmationToken({elements})")["confirmationToken"]
    made = intent(sdk, confirm=True, confirmation_token=token["id"], return_url="https://shop.example/")
    assert made.status == "succeeded"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("Stripe('sk_test_perdure')", "secret key"),
        ("Stripe()", "apiKey"),
        ("stripe.elements({clientSecret: 'nonsense'})", "client secret"),
        ("stripe.elements().create('nonsense')", "Valid Elements"),
        ("stripe.elements().create('card').mount('#nowhere')", "no DOM elements"),
    ],
)
def test_wrong_use_is_an_integration_error(page: Page, call: str, words: str) -> None:
    said = page.evaluate(f"() => {{ try {{ {call} }} catch (error) {{ return [error.name, error.message] }} }}")
    assert said[0] == "IntegrationError"
    assert words in said[1]
