"""The auction: one price for the interval, and who trades how much at it. docs/market.md, "Auction"."""

from plants import is_planted
from split import split


def clear(sells, buys, floor, cap, order):
    """(price or None, sold, bought) of offers (member → (limit, Wh)); limits in µcoin per kWh."""
    sells = {member: (max(limit, floor), wh) for member, (limit, wh) in sells.items() if limit <= cap}
    buys = {member: (min(limit, cap), wh) for member, (limit, wh) in buys.items() if limit >= floor}
    price = price_of(sells, buys, floor, cap)
    if price is None:
        return None, {}, {}
    volume = volume_at(sells, buys, price)
    offered = {member: offer for member, offer in sells.items() if offer[0] <= price}
    wanted = {member: (-limit, wh) for member, (limit, wh) in buys.items() if limit >= price}
    return price, fill(volume, offered, order), fill(volume, wanted, order)


def price_of(sells, buys, floor, cap):
    """Highest volume, then lowest imbalance, then the middle of the prices that are left, rounded down.

    Supply rises at the limit of a sell, demand falls one above that of a buy: between these places nothing changes.
    """
    limits = [limit for limit, _ in sells.values()] + [limit for limit, _ in buys.values()]
    places = {floor, cap} | {limit + step for limit in limits for step in (-1, 0, 1)}
    candidates = [price for price in places if floor <= price <= cap]
    ranked = {price: (-volume_at(sells, buys, price), imbalance_at(sells, buys, price)) for price in candidates}
    best = min(ranked.values())
    if best[0] == 0:
        return None
    among = [price for price, rank in ranked.items() if rank == best]
    return (min(among) + max(among) + is_planted("price-rounded-up")) // 2


def supply_at(sells, price):
    return sum(wh for limit, wh in sells.values() if limit <= price)


def demand_at(buys, price):
    return sum(wh for limit, wh in buys.values() if limit >= price)


def volume_at(sells, buys, price):
    return min(supply_at(sells, price), demand_at(buys, price))


def imbalance_at(sells, buys, price):
    return abs(supply_at(sells, price) - demand_at(buys, price))


def fill(volume, offers, order):
    """Member → Wh of the offers (rank, Wh), lower ranks first; those of the last rank share what is left."""
    filled, left = {}, volume
    for rank in sorted({rank for rank, _ in offers.values()}):
        alike = {member: wh for member, (of, wh) in offers.items() if of == rank}
        shares = split(min(left, sum(alike.values())), alike, order)
        filled.update(shares)
        left -= sum(shares.values())
    return filled
