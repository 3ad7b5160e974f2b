"""What an event says of how its object was before (`previous_attributes`): today, of hashes what differs, of lists all.

The differences are taken of the two shapes that the version shows, so a key that it does not show is never among them.
"""

from typing import Any

from rendering.versions.base import Change, Shown

ARRAYS = Change(
    since="2017-05-25",
    title="`previous_attributes` of an event has the whole list that changed; before, of hashes in a list what differs",
    source="https://docs.stripe.com/changelog/2017-05-25/events-previous-attributes-render-complete-sub-array",
    known_from="changelog",
)
HASHES = Change(
    since="2015-01-26",
    title="`previous_attributes` of an event has what differs of a hash; before, the whole hash as it was",
    source="https://docs.stripe.com/changelog/2015-01-26/events-previous-attributes-render-differences",
    known_from="changelog",
)


def differences(before: Shown, after: Shown, version: str) -> Shown:
    """The keys of `before` that are not as in `after`, as a version tells them; a key that was not there is null."""
    changed: Shown = {}
    for key in sorted(before.keys() | after.keys()):
        was, now = before.get(key), after.get(key)
        if was != now:
            changed[key] = _told(was, now, version)
    return changed


def _told(was: Any, now: Any, version: str) -> Any:
    if isinstance(was, dict) and isinstance(now, dict) and not HASHES.concerns(version):
        return differences(was, now, version)
    if ARRAYS.concerns(version) and _of_hashes(was) and _of_hashes(now) and len(was) == len(now):
        return [differences(old, new, version) for old, new in zip(was, now, strict=True) if old != new]
    return was


def _of_hashes(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)
