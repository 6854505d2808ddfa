"""What a member's excess was made from, each Wh claimed once. docs/market.md, "Provenance"."""

from split import split

UNDECLARED = "undeclared"
FUELS = ("solar", "wind", "hydro", "biogas", "diesel", "battery", "grid-mix", UNDECLARED)


def generated_by_fuel(meters, generated):
    """Fuel → Wh of a household, whose `meters` are (fuel, advance) of its generation meters."""
    if not meters:
        return {UNDECLARED: generated}
    by_fuel = {}
    for fuel, advance in meters:
        by_fuel[fuel] = by_fuel.get(fuel, 0) + advance
    return by_fuel


def excess_by_fuel(excess, by_fuel):
    """Excess of a member in Wh, split over fuels by what it generated of each."""
    return split(excess, by_fuel, FUELS)


def fuels_of_trades(trades, by_seller):
    """Fuels of each trade, in the sequence of the trades; `by_seller` (member → fuel → Wh) is used up."""
    return [take(by_seller[seller], wh) for seller, _, wh in trades]


def take(left, wh):
    """Takes `wh` out of what is left of an excess, in proportion to it."""
    taken = split(wh, left, FUELS)
    for fuel, amount in taken.items():
        left[fuel] -= amount
    return [(fuel, taken[fuel]) for fuel in FUELS if taken.get(fuel, 0) > 0]
