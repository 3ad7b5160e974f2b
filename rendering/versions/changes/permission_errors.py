"""A key that may not is forbidden, not unknown."""

from rendering.versions.base import Change, Failure


def _unauthorized(failure: Failure) -> Failure:
    # The one error of a key that is known: every other 403 has a code, or is about a mode.
    forbidden = failure.status == 403 and failure.error["message"].startswith("The provided key")
    return Failure(401, failure.error) if forbidden else failure


CHANGE = Change(
    since="2016-10-19",
    title="A key without the permission is answered with 403; before, with 401",
    source="https://docs.stripe.com/changelog/2016-10-19/insufficient-permissions-throw-403-error",
    known_from="changelog",
    fails=_unauthorized,
)
