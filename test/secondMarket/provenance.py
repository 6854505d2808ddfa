"""What a member's excess was made from, each Wh claimed once. docs/market.md, "Provenance"."""

from cbor import encode
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


def claims(given):
    """Canonical bytes of what one seller's excess is made from, and of what its trades and its feed-in claim."""
    left = excess_by_fuel(int(given["excess"]), {fuel: int(wh) for fuel, wh in given["generated"]})
    excess = [(fuel, left[fuel]) for fuel in FUELS if left.get(fuel, 0) > 0]
    trades = [take(left, int(wh)) for wh in given["trades"]]
    return encode([[excess, trades], [take(left, int(given["fedIn"]))] if int(given["fedIn"]) > 0 else []])


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
