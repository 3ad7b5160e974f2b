"""Too many requests have a status of their own."""

from rendering.versions.base import Change, Failure


def _bad_request(failure: Failure) -> Failure:
    return Failure(400, failure.error) if failure.error.get("code") == "rate_limit" else failure


CHANGE = Change(
    since="2015-09-08",
    title="Too many requests are answered with 429; before, with 400",
    source="https://docs.stripe.com/changelog/2015-09-08/rate-limited-requests-return-429-no-rate-limit",
    known_from="changelog",
    fails=_bad_request,
)
