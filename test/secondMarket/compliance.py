"""Whether a curtailment order was obeyed. docs/market.md, "Compliance"."""

from plants import is_planted
from policy import ceil_div

MILLI = 1_000
TOLERANCE_PERCENT = 2


def entry_of(member, order, measured):
    """(member, kind, limit, measured Wh or None, whether acknowledged, result) of a standing order."""
    limit = int(order["max"])
    if measured is None:
        return member, order["kind"], limit, None, order["acknowledged"], "unknown"
    wh = max(0, -measured.position if order["kind"] == "consumption" else measured.position)
    tolerance = 0 if is_planted("compliance-without-tolerance") else limit * TOLERANCE_PERCENT // 100
    allowed = limit + ceil_div(measured.resolution_milli_wh, MILLI) + tolerance
    result = "complied" if wh <= allowed else "exceeded"
    return member, order["kind"], limit, wh, order["acknowledged"], "unknown" if order["isOfSameBlock"] else result
