"""The operator's view in a real Chromium: find a payment, see where it is and why; change nothing unless allowed."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import SECRET, Running
from tests.e2e.test_browser_library import AXE, LOOK, watched
from tests.e2e.test_in_browser import CHROMIUM, browser  # noqa: F401

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; Debian's package `chromium` has it")


@pytest.fixture
def desk(browser: Browser, running: Running) -> Iterator[Page]:  # noqa: F811
    with watched(browser, f"{running.url}/dashboard") as page:
        yield page


def sign_in(page: Page, key: str = SECRET) -> None:
    page.get_by_label("Secret key").fill(key)
    page.get_by_role("button", name="Sign in").click()


def held(sdk: Any, **more: Any) -> Any:
    form = {"amount": 4321, "currency": "usd", "capture_method": "manual", "payment_method": "pm_card_visa"}
    return sdk.v1.payment_intents.create({**form, "confirm": True, **more})


def look_up(page: Page, id_: str) -> None:
    page.get_by_label("Search, or a pi_… id").fill(id_)
    page.get_by_role("button", name="Search").click()
    page.get_by_role("heading", name=id_).wait_for()


@pytest.mark.parametrize("key", ["sk_test_wrong", "pk_test_perdure", ""])
def test_only_a_secret_key_opens_it(desk: Page, key: str) -> None:
    sign_in(desk, key)
    desk.locator("#said.failed").wait_for()
    assert desk.locator("#view *").count() == 0
    assert desk.get_by_label("Secret key").is_visible()


def test_a_payment_is_found_and_its_timeline_read(sdk: Any, desk: Page) -> None:
    made = held(sdk, metadata={"order": "dash-1"})
    sign_in(desk)
    desk.get_by_label("Search, or a pi_… id").fill('metadata["order"]:"dash-1"')
    desk.get_by_role("button", name="Search").click()
    desk.get_by_text("The newest 1 that match").wait_for()
    desk.get_by_role("link", name=made.id).click()
    desk.get_by_role("heading", name=made.id).wait_for()
    timeline = desk.locator(".timeline").inner_text()
    for happened in ("payment_intent.created", "charge.succeeded", "payment_intent.amount_capturable_updated"):
        assert happened in timeline
    assert "expire authorization, by itself" in timeline
    assert desk.locator("svg.machine rect.now").count() == 1
    assert desk.locator("svg.machine text.now").text_content() == "requires capture"
    link = desk.get_by_role("link", name="Open in the Temporal UI").get_attribute("href")
    assert link is not None
    assert link.endswith(f"/namespaces/default/workflows/{made.id}")


def test_it_changes_nothing_unless_allowed_and_asked_twice(sdk: Any, desk: Page) -> None:
    made = held(sdk)
    sign_in(desk)
    look_up(desk, made.id)
    assert desk.get_by_role("button", name="Capture").count() == 0
    desk.get_by_label("Allow changes").check()
    desk.once("dialog", lambda dialog: dialog.dismiss())
    desk.get_by_role("button", name="Capture").click()
    assert sdk.v1.payment_intents.retrieve(made.id).status == "requires_capture"
    desk.once("dialog", lambda dialog: dialog.accept())
    desk.get_by_role("button", name="Capture").click()
    desk.locator("h2 .status.succeeded").wait_for()
    assert sdk.v1.payment_intents.retrieve(made.id).status == "succeeded"


def test_amounts_by_day_and_failures_by_reason(sdk: Any, desk: Page) -> None:
    held(sdk, capture_method="automatic")
    declined = sdk.v1.payment_intents.create({"amount": 1099, "currency": "usd"})
    with pytest.raises(Exception, match="insufficient funds"):
        sdk.v1.payment_intents.confirm(declined.id, {"payment_method": "pm_card_visa_chargeDeclinedInsufficientFunds"})
    sign_in(desk)
    desk.get_by_role("cell", name="insufficient funds").wait_for()
    assert desk.locator("svg.bars rect").count() >= 1
    assert "in 30 days" in desk.locator("h3").first.inner_text()


@pytest.mark.skipif(not AXE.exists(), reason="npm ci was not run in browser/")
def test_it_is_accessible(sdk: Any, desk: Page) -> None:
    made = held(sdk)
    desk.evaluate(AXE.read_text())
    assert desk.evaluate(LOOK) == []
    sign_in(desk)
    desk.get_by_label("Search, or a pi_… id").wait_for()
    assert desk.evaluate(LOOK) == []
    look_up(desk, made.id)
    assert desk.evaluate(LOOK) == []


def test_which_methods_are_offered_is_shown_and_changed(running: Running, sdk: Any, desk: Page) -> None:
    sign_in(desk)
    desk.get_by_role("link", name="Payment methods").click()
    switch = desk.get_by_label("us bank account", exact=True)
    switch.wait_for()
    assert (switch.is_checked(), switch.is_enabled()) == (False, False)
    assert desk.get_by_label("klarna", exact=True).is_checked()
    desk.get_by_label("Allow changes").check()
    assert not desk.get_by_label("card", exact=True).is_enabled(), "cards stay"
    dollars = {"amount": 4321, "currency": "usd", "automatic_payment_methods": {"enabled": True}}
    try:
        switch.check()
        running.wait_for(lambda: sdk.v1.payment_method_configurations.list().data[-1].us_bank_account.available)
        assert "us_bank_account" in sdk.v1.payment_intents.create(dollars).payment_method_types
    finally:
        (own,) = (one for one in sdk.v1.payment_method_configurations.list().data if one.is_default)
        off = {"us_bank_account": {"display_preference": {"preference": "off"}}}
        sdk.v1.payment_method_configurations.update(own.id, off)
