"""An inquiry ends."""

from rendering.versions.base import Change, Shown


def _under_review(dispute: Shown) -> Shown:
    if dispute["status"] == "warning_closed":
        dispute["status"] = "warning_under_review"
    return dispute


CHANGE = Change(
    since="2015-02-10",
    title="An inquiry that has ended is `warning_closed`; before, it stays `warning_under_review`",
    source="https://docs.stripe.com/changelog/2015-02-10/dispute-statuses-include-warning-closed",
    known_from="changelog, guess",
    shows={"dispute": _under_review},
)
