"""Who comes first when fractions are equal, and how a whole is shared. docs/market.md, "Ties" and "Split"."""

import hashlib

from plants import is_planted


def tie_order(seed, members, interval):
    """Members (20 bytes each) by the genesis' draw, begun at place `interval` mod their number."""
    drawn = sorted(members, key=lambda member: hashlib.sha256(seed + member).digest())
    first = interval % len(drawn) if drawn and not is_planted("unrotated-ties") else 0
    return drawn[first:] + drawn[:first]


def split(total, amounts, order):
    """Shares of `total` in proportion to `amounts` (member → amount, Σ ≥ total), by largest remainder.

    `order` settles equal fractions: who stands in front gets the unit that is left.
    """
    whole = sum(amounts.values())
    if whole == 0:
        return {member: 0 for member in amounts}
    shares = {member: total * amount // whole for member, amount in amounts.items()}
    cut_off = {member: total * amount % whole for member, amount in amounts.items()}
    place = {member: at for at, member in enumerate(order)}
    left = total - sum(shares.values())
    for member in sorted(amounts, key=lambda member: (-cut_off[member], place[member]))[:left]:
        shares[member] += 1
    return shares
