"""Orders to draw or give less, and when they are eased. docs/market.md, "Curtailment"."""

from split import split

FIRST_BOUND = 2


def consumption_limits(deficit, bought):
    """Member → (what it may draw, whether that is less than its deficit)."""
    return {member: (bought[member], wh > bought[member]) for member, wh in deficit.items()}


def generation_limits(excess, sold, feed_in_limit, order):
    """Member → (what it may give, whether that is less than its excess): what it sold and its share of the limit."""
    unsold = {member: wh - sold[member] for member, wh in excess.items()}
    shares = split(min(feed_in_limit, sum(unsold.values())), unsold, order)
    return {member: (sold[member] + shares[member], unsold[member] > shares[member]) for member in excess}


def spare_feed_in(signal, feed_in_limit):
    """What the limit left free and what was unmet; 0 when more than the limit was unsold."""
    _, _, unmet, unsold = signal
    return feed_in_limit - unsold + unmet if unsold <= feed_in_limit else 0


def orders_after(interval, amounts, limits, spare, standing, missing, order):
    """Orders (member, interval, limit, wanted) that follow from `interval`.

    `amounts` are the deficits or excesses, `limits` what was served of them, `standing` maps a member to the
    (limit, wanted) that bound `interval`, `missing` holds who was not measured.
    """
    binds = interval + FIRST_BOUND
    orders = []
    for member, (limit, is_too_much) in limits.items():
        if is_too_much:
            wanted = max(amounts[member], standing[member][1]) if member in standing else amounts[member]
            orders.append((member, binds, limit, wanted))
    limited_anew = {entry[0] for entry in orders}
    served = {member: wanted - limit for member, (limit, wanted) in standing.items() if member not in limited_anew | missing}
    raised = split(min(spare, sum(served.values())), served, order)
    for member, taken_away in served.items():
        limit, wanted = standing[member]
        if raised[member] < taken_away:
            orders.append((member, binds, limit + raised[member], wanted))
    orders += [(member, binds, *standing[member]) for member in standing if member in missing]
    return orders
