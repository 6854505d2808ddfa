"""From standing bids to what each sells and buys, and to pairs. docs/market.md, "Bids", "Auction", "Preferences"."""

from auction import clear


def counting(bids, side, interval):
    """Member → its bid of that side, of those that hold for the interval."""
    return {
        bytes.fromhex(bid["member"]): bid
        for bid in bids
        if bid["side"] == side and bid["from"] <= interval and (bid["to"] is None or interval < bid["to"])
    }


def offers_of(amounts, bids, limit):
    """Member → (limit, Wh): by its bid, or all it has at `limit`."""
    offers = {}
    for member, wh in amounts.items():
        bid = bids.get(member)
        offers[member] = (limit, wh) if bid is None else (int(bid["limit"]), min(wh, int(bid["cap"])))
    return offers


def auctioned(excess, deficit, bids, interval, policy, order):
    """(price or None, sold, bought) of everybody with an excess or a deficit."""
    floor, cap = int(policy["floor"]), int(policy["cap"])
    sells = offers_of(excess, counting(bids, "sell", interval), floor)
    buys = offers_of(deficit, counting(bids, "buy", interval), cap)
    price, sold, bought = clear(sells, buys, floor, cap, order)
    return price, dict.fromkeys(excess, 0) | sold, dict.fromkeys(deficit, 0) | bought


def wished_pairs(sold, bought, bids, areas, fuels, order):
    """Trades that wishes lead to, and what is left to sell and to buy; `fuels` maps a seller to its excess by fuel."""
    sold, bought = dict(sold), dict(bought)
    trades = []
    for buyer in (member for member in order if bought.get(member, 0) > 0):
        bid = bids.get(buyer)
        if bid is None or (bid["area"] is None and bid["fuel"] is None):
            continue
        for seller in (member for member in order if meets(bid, member, areas, fuels)):
            wh = min(sold.get(seller, 0), bought[buyer])
            if wh > 0:
                trades.append((seller, buyer, wh))
                sold[seller] -= wh
                bought[buyer] -= wh
    return trades, sold, bought


def meets(bid, seller, areas, fuels):
    """Whether a seller is of the area and has some of the fuel that are wished."""
    is_near = bid["area"] is None or areas[seller] == bid["area"]
    return is_near and (bid["fuel"] is None or fuels.get(seller, {}).get(bid["fuel"], 0) > 0)
