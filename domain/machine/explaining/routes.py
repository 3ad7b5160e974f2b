"""Why these gateways, and why not the others: what a payment's routing says, in sentences."""

from typing import assert_never

from domain.model.routes import Reason, Routing, Verdict


def told(routing: Routing) -> tuple[tuple[str, str], ...]:
    """Each gateway, and why it is asked, in its turn, or is not."""
    by_name = {one.gateway: one for one in routing.verdicts}
    asked = [by_name[name] for name in routing.gateways if name in by_name]
    others = [one for one in routing.verdicts if one not in asked]
    return tuple((one.gateway, _why(routing, one)) for one in (*asked, *others))


def summary(routing: Routing) -> str:
    """One line: who was to be asked, and by what."""
    by = f"rule {routing.rule!r}" if routing.rule else "no rule"
    version = f" of version {routing.version}" if routing.version else ""
    return f"{', then '.join(routing.gateways) or 'nobody'}, by {by}{version}"


def _why(routing: Routing, one: Verdict) -> str:
    silent = " It does not answer just now." if one.detail in ("open", "half_open") else ""
    match Reason(one.reason):
        case Reason.RULE:
            return f"Asked first, by the rule {routing.rule!r}.{silent}"
        case Reason.SHARE:
            by = f"the rule {routing.rule!r}" if routing.rule else "what is said for all others"
            return f"Asked first, as its share of the volume by {by}.{silent}"
        case Reason.OTHERWISE:
            return f"Asked first, as no rule was about the payment, or none of its gateways could take it.{silent}"
        case Reason.DEFAULT:
            return f"Asked first, as the first in the settings that can.{silent}"
        case Reason.RETRY:
            return "Asked next, if the one before says a no that permits it."
        case Reason.BEYOND:
            return "Not asked: enough others come first."
        case Reason.NOT_NAMED:
            return "Not asked: the rules name others."
        case Reason.CANNOT:
            return f"Not asked: it lacks {one.detail}."
        case Reason.TOKEN:
            return "Not asked: the method was not collected there."
        case Reason.OPEN:
            return "Not asked: it did not answer just then."
        case Reason.DRAINING:
            return "Not asked: an operator let it finish what it had."
        case Reason.PAUSED:
            return "Not asked: an operator had paused it."
        case _ as never:
            assert_never(never)
