"""Steps 2 and 5 to 7: positions, split, trades, signal, stop, residuals. docs/market.md."""

from split import split


def excess_and_deficit(positions):
    """Two maps, member → Wh above 0, of positions (member → Wh)."""
    excess = {member: wh for member, wh in positions.items() if wh > 0}
    deficit = {member: -wh for member, wh in positions.items() if wh < 0}
    return excess, deficit


def allocate(excess, deficit, order):
    """What each sells and buys: both sides share the smaller total."""
    traded = min(sum(excess.values()), sum(deficit.values()))
    return split(traded, excess, order), split(traded, deficit, order)


def walk(sold, bought, order):
    """Trades (from, to, Wh) of the walk along both lists in tie order."""
    sellers = [[member, sold[member]] for member in order if sold.get(member, 0) > 0]
    buyers = [[member, bought[member]] for member in order if bought.get(member, 0) > 0]
    trades = []
    while sellers and buyers:
        seller, buyer = sellers[0], buyers[0]
        wh = min(seller[1], buyer[1])
        trades.append((seller[0], buyer[0], wh))
        seller[1] -= wh
        buyer[1] -= wh
        if seller[1] == 0:
            sellers.pop(0)
        if buyer[1] == 0:
            buyers.pop(0)
    return trades


def signal_of(excess, deficit, sold):
    """(excess, deficit, unmet, unsold), totals in Wh."""
    traded = sum(sold.values())
    total_excess, total_deficit = sum(excess.values()), sum(deficit.values())
    return total_excess, total_deficit, total_deficit - traded, total_excess - traded


def stop_of(signal):
    """Why matching ended."""
    _, _, unmet, unsold = signal
    if unmet > 0 and unsold > 0:
        return "limits"
    if unsold > 0:
        return "no-deficit"
    return "no-excess" if unmet > 0 else "balanced"


def residuals_of(excess, deficit, sold, bought):
    """(member, kind, Wh) against the base-load supplier of a grid-tied street."""
    residuals = [(member, "fed-in", wh - sold[member]) for member, wh in excess.items() if wh > sold[member]]
    return residuals + [(member, "bought", wh - bought[member]) for member, wh in deficit.items() if wh > bought[member]]
