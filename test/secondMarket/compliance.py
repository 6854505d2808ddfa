"""Whether a curtailment order was obeyed. docs/market.md, "Compliance"."""

from policy import ceil_div

MILLI = 1_000
TOLERANCE_PERCENT = 2


def result_of(most, measured, resolution_milli_wh):
    """"complied", "exceeded", or "unknown" when nothing was measured (None)."""
    if measured is None:
        return "unknown"
    allowed = most + ceil_div(resolution_milli_wh, MILLI) + most * TOLERANCE_PERCENT // 100
    return "complied" if measured <= allowed else "exceeded"
