"""How attempts went at each gateway, for the console."""

from typing import Any

from sqlalchemy import Select, case, func, select

from records.expressions import CHARGES_GATEWAY
from records.scope import Scope
from records.tables import charges as c


def fared(scope: Scope, since: int) -> Select[str, int, Any]:
    """By gateway (empty for the first), since then: attempts that were `tried`, and that were `approved`."""
    gateway = CHARGES_GATEWAY.label("gateway")
    approved = func.sum(case((c.c.status == "succeeded", 1), else_=0)).label("approved")
    query = select(gateway, func.count().label("tried"), approved)
    return query.where(scope.owns(c), c.c.created >= since).group_by(gateway)
