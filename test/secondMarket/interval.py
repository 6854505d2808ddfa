"""One interval as a block carries it, from what its readings state. docs/market.md, "Layout"."""

from address import member_text
from balance import allocate, excess_and_deficit, residuals_of, signal_of, stop_of, walk
from cbor import Encoded, encode
from curtail import consumption_orders
from energy import advances, carried_at_most, energy_of, is_plausible
from split import tie_order


def settled_interval(given):
    """Canonical bytes of the settled interval that follows from one line of input."""
    return encode(layout(given, settle(given)))


def settle(given):
    """What the market makes of the interval: a map of the outcome's parts, each in the order a block has them."""
    at = given["interval"]
    members = {bytes.fromhex(member["id"]): member for member in given["members"]}
    order = tie_order(bytes.fromhex(given["seed"]), list(members), at)
    judged = {member: judge(given, enrolled) for member, enrolled in members.items()}
    missing = {member: found for member, found in judged.items() if isinstance(found, str)}
    positions = {member: found for member, found in judged.items() if member not in missing}
    excess, deficit = excess_and_deficit(positions)
    sold, bought = allocate(excess, deficit, order)
    signal = signal_of(excess, deficit, sold)
    is_islanded = given["mode"] == "islanded"
    standing = {
        bytes.fromhex(entry["member"]): (int(entry["maxDeficit"]), int(entry["wanted"])) for entry in given["orders"]
    }
    orders = consumption_orders(at, deficit, bought, signal[3], standing, set(missing), order) if is_islanded else []
    return {
        "missing": by_text(missing.items()),
        "trades": walk(sold, bought, order),
        "signal": signal,
        "stop": stop_of(signal),
        "orders": by_text(orders),
        "residuals": [] if is_islanded else by_text(residuals_of(excess, deficit, sold, bought)),
    }


def judge(given, member):
    """Position of a member in Wh, or why it is missing."""
    stated = member["stated"]
    if stated is None:
        return "silent"
    if "missing" in stated:
        return stated["missing"]
    advance = advances(member["roles"], stated["meters"])
    generated, consumed, _ = energy_of(advance, int(stated["carryIn"]))
    most_wh = carried_at_most(member["ratingW"], given["intervalMs"], given["timeLapse"])
    return generated - consumed if is_plausible(advance, generated, consumed, most_wh) else "quarantined"


def by_text(entries):
    """Entries that begin with a member, ascending by the text of its address."""
    return sorted(entries, key=lambda entry: member_text(entry[0]))


def layout(given, outcome):
    """The interval's place in a block."""
    readings = by_text((bytes.fromhex(entry["member"]), Encoded(bytes.fromhex(entry["encoded"]))) for entry in given["readings"])
    return [
        given["interval"],
        [encoded for _, encoded in readings],
        outcome["missing"],
        outcome["trades"],
        outcome["signal"],
        outcome["stop"],
        outcome["orders"],
        outcome["residuals"],
    ]
