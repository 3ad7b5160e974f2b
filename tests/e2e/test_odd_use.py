"""Pages that do what none should: take the element away while it confirms, confirm twice, confirm what never loaded."""

from typing import Any

import pytest
from playwright.sync_api import Page, Route

from tests.e2e.test_browser_library import begin, fields, intent, page, shop, type_card  # noqa: F401
from tests.e2e.test_in_browser import CHROMIUM, browser  # noqa: F401
from tests.e2e.test_payment_element import mounted

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; Debian's package `chromium` has it")

CONFIRM = "stripe.confirmPayment({elements, redirect: 'if_required'})"


@pytest.mark.parametrize(
    "away", ["elements.getElement('payment').unmount()", "document.querySelector('#box').replaceChildren()"]
)
def test_an_element_that_leaves_while_it_confirms(sdk: Any, page: Page, away: str) -> None:  # noqa: F811
    made = intent(sdk)
    type_card(mounted(page, made, {}))

    def leave(route: Route) -> None:
        page.evaluate(f"() => {{ {away} }}")
        route.continue_()

    page.route("**/confirm", leave)
    begin(page, CONFIRM)
    page.wait_for_function("() => window.result")
    assert page.evaluate("() => result.error ?? result.paymentIntent.status") == "succeeded"
    assert len(sdk.v1.charges.list({"payment_intent": made.id}).data) == 1


def test_a_buyer_who_presses_twice_has_paid_once(sdk: Any, page: Page) -> None:  # noqa: F811
    made = intent(sdk)
    type_card(mounted(page, made, {}))
    both = page.evaluate(f"() => Promise.all([{CONFIRM}, {CONFIRM}])")
    assert [one["paymentIntent"]["status"] for one in both] == ["succeeded", "succeeded"]
    assert len(sdk.v1.charges.list({"payment_intent": made.id}).data) == 1
    again = page.evaluate(f"() => {CONFIRM}")
    assert again["error"]["code"] == "payment_intent_unexpected_state"


def test_what_could_not_be_loaded_says_so_when_it_is_asked(sdk: Any, page: Page) -> None:  # noqa: F811
    mounted(page, f"{intent(sdk).id}_secret_x", {})
    failed = page.evaluate(f"() => {CONFIRM}")
    assert failed["error"]["param"] == "client_secret"
    assert page.evaluate("() => elements.submit().then((r) => r.error.param)") == "client_secret"
