"""Which connected account an event is of."""

from rendering.versions.base import Change, Shown


def _user_id(event: Shown) -> Shown:
    if "account" in event:
        event["user_id"] = event.pop("account")
    return event


CHANGE = Change(
    since="2017-05-25",
    title="An event that is told to a platform names its account as `account`; before, as `user_id`",
    source="https://docs.stripe.com/changelog/2017-05-25/events-connect-specify-originating-account",
    known_from="changelog",
    event=_user_id,
)
