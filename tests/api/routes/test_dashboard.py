"""What the operators' view is answered about one payment: the timeline says why it is as it is, and what comes."""

from tests.api.conftest import Api


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
