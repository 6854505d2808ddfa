"""What late energy costs. docs/market.md, "Corrections"."""

from policy import ceil_div, policy_at, step_at

WH_PER_KWH = 1_000


def worst_prices(policies, first, last):
    """(price of consumed, price of generated) in µcoin per kWh: the worst for a member over intervals first … last."""
    consumed, generated = [], []
    for interval in range(first, last + 1):
        policy = policy_at(policies, interval)
        if policy is None:
            continue
        step = step_at(policy, interval)
        is_auction = policy["pricing"] == "auction"
        consumed.append(max(step["supplierSells"], int(policy["cap"]) if is_auction else step["trade"]))
        generated.append(min(step["supplierBuys"], int(policy["floor"]) if is_auction else step["trade"]))
    return (max(consumed), min(generated)) if consumed else None


def amount_of(generated, consumed, prices):
    """µcoin that the member's account changes by."""
    for_consumed, for_generated = prices
    return generated * for_generated // WH_PER_KWH - ceil_div(consumed * for_consumed, WH_PER_KWH)
