"""Consumption orders of an islanded street. docs/market.md, "Curtailment"."""

from split import split

FIRST_BOUND = 2


def consumption_orders(interval, deficit, bought, unsold, standing, missing, order):
    """Orders (member, interval, max deficit, wanted) that follow from `interval`.

    `standing` maps a member to the (max deficit, wanted) that bound `interval`; `missing` holds who was not measured.
    """
    binds = interval + FIRST_BOUND
    orders = []
    for member, wh in deficit.items():
        if wh > bought[member]:
            wanted = max(wh, standing[member][1]) if member in standing else wh
            orders.append((member, binds, bought[member], wanted))
    limited_anew = {entry[0] for entry in orders}
    met = {member: wanted - most for member, (most, wanted) in standing.items() if member not in limited_anew | missing}
    raised = split(min(unsold, sum(met.values())), met, order)
    for member, taken_away in met.items():
        most, wanted = standing[member]
        if raised[member] < taken_away:
            orders.append((member, binds, most + raised[member], wanted))
    orders += [(member, binds, *standing[member]) for member in standing if member in missing]
    return orders
