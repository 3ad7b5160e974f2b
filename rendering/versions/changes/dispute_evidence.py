"""Evidence has parts."""

from rendering.versions.base import Change, Shown, in_order


def _one_text(dispute: Shown) -> Shown:
    details = dispute.pop("evidence_details")
    text = (dispute["evidence"] or {}).get("uncategorized_text")
    return in_order(dispute | {"evidence": text, "evidence_due_by": details["due_by"]})


CHANGE = Change(
    since="2014-12-08",
    title="The `evidence` of a dispute is a hash, with `evidence_details`; before, a text, with `evidence_due_by`",
    source="https://docs.stripe.com/changelog/2014-12-08/disputes-include-evidence-details-object",
    known_from="changelog",
    shows={"dispute": _one_text},
)
