"""What a member's excess was made from, each Wh claimed once. docs/market.md, "Provenance"."""

from split import split

UNDECLARED = "undeclared"
FUELS = ("solar", "wind", "hydro", "biogas", "diesel", "battery", "grid-mix", UNDECLARED)


def excess_by_fuel(excess, generated):
    """Excess of a member in Wh, split over fuels by what it generated of each (fuel → Wh)."""
    return split(excess, generated, FUELS)


def fuels_of_trades(trades, by_seller):
    """Fuels of each trade as a map, in the sequence of the trades; `by_seller` (member → fuel → Wh) is used up."""
    return [take(by_seller[seller], wh) for seller, _, wh in trades]


def take(left, wh):
    """Takes `wh` out of what is left of an excess, in proportion to it."""
    taken = split(wh, left, FUELS)
    for fuel, amount in taken.items():
        left[fuel] -= amount
    return taken
