"""What the operators' view is answered about one payment: the timeline says why it is as it is, and what comes."""

import pytest

from records.accounts import add_key
from tests.api.conftest import Api
from tests.support.builders import NOW


async def test_the_timeline_explains_the_payment_and_says_what_comes(api: Api) -> None:
    held = await api.create("confirm=true&payment_method=pm_card_visa&capture_method=manual")
    shown = (await api.get(f"/dashboard/v1/payment_intents/{held['id']}/timeline")).json()
    why = shown["explanation"]
    assert (why["object"], why["payment_intent"], why["status"]) == ("explanation", held["id"], "requires_capture")
    assert why["why"] == ["$10.99 usd is held on visa …4242, and waits to be captured."]
    assert [one["at"] for one in why["by_itself"]] == [one["at"] for one in shown["timers"]]
    assert [one["charge"] for one in why["attempts"]] == [held["latest_charge"]]
    assert why["waits_for"] == "merchant"


async def test_a_payment_of_nobody_s_is_not_explained(api: Api) -> None:
    assert (await api.get("/dashboard/v1/payment_intents/pi_none/timeline")).status_code == 404


@pytest.mark.parametrize(
    ("more", "status"), [((), 403), (("payment_intents:read",), 403), (("payment_intents:read", "charges:read"), 200)]
)
async def test_whoever_may_only_enter_reads_no_payment(api: Api, more: tuple[str, ...], status: int) -> None:
    """It shows the whole payment, client secret and all, and its attempts."""
    held = await api.create("confirm=true&payment_method=pm_card_visa&capture_method=manual")
    key, allowed = f"rk_test_timeline{status}{len(more)}", ("dashboard:read", *more)
    await add_key(api.database, api.scope.account, key, "restricted", livemode=False, now=NOW, permissions=allowed)
    path = f"/dashboard/v1/payment_intents/{held['id']}/timeline"
    answer = await api.http.get(path, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == status
    assert ("client_secret" in answer.text) is (status == 200)
