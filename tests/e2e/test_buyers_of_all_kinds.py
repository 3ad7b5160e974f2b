"""Buyers who have no mouse, who like it dark, who hold a telephone: the Payment Element is for them as well."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import AXE, LOOK
from tests.e2e.test_browser_library import CARD, CHALLENGED, begin, fields, page, shop  # noqa: F401
from tests.e2e.test_in_browser import CHROMIUM, browser  # noqa: F401

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; Debian's package `chromium` has it")

WHOLE = """([clientSecret, theme, layout]) => {
    document.body.style.background = theme === "night" ? "#1b1d24" : "#ffffff";
    window.elements = stripe.elements({clientSecret, appearance: {theme}});
    document.querySelector("#box").style.width = "auto";
    elements.create("linkAuthentication").mount("#second");
    elements.create("payment", {layout, business: {name: "Kiosk"}}).mount("#box");
    elements.create("address", {mode: "billing"}).mount("#third");
}"""


def payable(sdk: Any, *types: str, **more: str) -> Any:
    given = {"amount": 1099, "currency": "eur", "allowed_payment_method_types": list(types), **more}
    return sdk.v1.payment_intents.create(given)


@pytest.mark.skipif(not AXE.exists(), reason="npm ci was not run in browser/")
@pytest.mark.parametrize("theme", ["stripe", "night"])
@pytest.mark.parametrize(("width", "layout"), [(390, "auto"), (768, "tabs"), (1280, "accordion")])
def test_nothing_is_in_the_way_of_a_screen_reader(sdk: Any, page: Page, theme: str, width: int, layout: str) -> None:  # noqa: F811
    page.set_viewport_size({"width": width, "height": 900})
    made = payable(sdk, "card", "sepa_debit", "ideal", "klarna", "paypal")
    page.evaluate(WHOLE, [made.client_secret, theme, layout])
    expect(fields(page).get_by_label("Card number")).to_be_visible()
    expect(fields(page, "#third").get_by_label("City")).to_be_visible()
    page.evaluate("() => elements.submit()")
    frames = [frame for frame in page.frames if "frame.html" in frame.url]
    assert len(frames) >= 3
    for frame in frames:
        # The shop's page is behind the frame, where axe cannot see it.
        frame.evaluate(
            "(color) => { document.body.style.background = color }", "#1b1d24" if theme == "night" else "#fff"
        )
        frame.evaluate(AXE.read_text())
        assert frame.evaluate(LOOK) == []
        assert frame.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def kept(sdk: Any) -> tuple[str, str]:
    """A customer with two cards, of which the second asks for 3-D Secure; and their session's secret."""
    customer = sdk.v1.customers.create({}).id
    for card in ("pm_card_threeDSecure2Required", "pm_card_visa"):
        method = sdk.v1.payment_methods.attach(card, {"customer": customer})
        sdk.v1.payment_methods.update(method.id, {"allow_redisplay": "always"})
    element = {"enabled": True, "features": {"payment_method_redisplay": "enabled"}}
    session = sdk.v1.customer_sessions.create({"customer": customer, "components": {"payment_element": element}})
    return customer, str(session.client_secret)


@pytest.mark.parametrize("has_kept", [False, True], ids=["typed", "kept"])
def test_a_card_is_paid_with_by_keyboard_alone(sdk: Any, page: Page, has_kept: bool) -> None:  # noqa: F811
    customer, session = kept(sdk) if has_kept else (None, None)
    made = payable(sdk, "card", "ideal", **({"customer": customer} if customer else {}))
    page.evaluate(
        """([clientSecret, session]) => {
        const kept = session ? {customerSessionClientSecret: session} : {};
        window.elements = stripe.elements({clientSecret, ...kept});
        elements.create("payment").mount("#box");
        const pay = document.createElement("button");
        pay.textContent = "Pay";
        pay.onclick = async () => { window.result = await stripe.confirmPayment({elements, redirect: "if_required"}) };
        document.body.append(pay);
    }""",
        [made.client_secret, session],
    )
    keys = page.keyboard
    if has_kept:
        cards = fields(page).get_by_role("radio", name="ending in")
        expect(cards).to_have_count(2)
        while not cards.first.evaluate("(it) => it === document.activeElement"):
            keys.press("Tab")
        keys.press("ArrowDown")
        expect(cards.last).to_be_checked()
    else:
        expect(fields(page).get_by_label("Card number")).to_be_visible()
        keys.press("Tab")  # the chosen method, of which the arrows choose another
        expect(fields(page).get_by_role("radio", name="Card")).to_be_focused()
        keys.press("Tab")
        keys.type(CHALLENGED)  # a full field hands on to the next
        keys.type("1234")
        keys.type("123")
    while page.evaluate("() => document.activeElement.tagName") != "BUTTON":
        keys.press("Tab")
    keys.press("Enter")
    bank = page.frame_locator("dialog iframe")
    expect(bank.get_by_role("button", name="Complete authentication")).to_be_visible()
    for _ in range(4):
        if bank.get_by_role("button", name="Complete authentication").evaluate("(it) => it === document.activeElement"):
            break
        keys.press("Tab")
    keys.press("Enter")
    page.wait_for_function("() => window.result")
    assert page.evaluate("() => result.error ?? result.paymentIntent.status") == "succeeded"


def test_a_number_is_nowhere_on_the_shops_page(sdk: Any, page: Page) -> None:  # noqa: F811
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.evaluate("() => { window.heard = []; addEventListener('message', (m) => heard.push(JSON.stringify(m.data))) }")
    made = payable(sdk, "card")
    page.evaluate(
        """(clientSecret) => {
        window.elements = stripe.elements({clientSecret});
        const element = elements.create("payment");
        for (const name of ["change", "focus", "blur", "ready"]) element.on(name, (event) => heard.push(JSON.stringify(event)));
        element.mount("#box");
    }""",  # noqa: E501
        made.client_secret,
    )
    card = fields(page)
    card.get_by_label("Card number").press_sequentially(CARD)
    card.get_by_label("Expiration date").press_sequentially("1234")
    card.get_by_label("Security code").press_sequentially("123")
    begin(page, "stripe.confirmPayment({elements, redirect: 'if_required'})")
    page.wait_for_function("() => window.result")
    everything = page.content() + str(page.evaluate("() => [heard, result]")) + str(said)
    assert not any(CARD[:length] in everything.replace(" ", "") for length in (8, 12, 16))
