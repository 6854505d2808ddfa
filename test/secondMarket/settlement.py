"""From trades and residuals to coins. docs/market.md, "Settlement"."""

from policy import carbon_premium, ceil_div

WH_PER_KWH = 1_000


def trade_entry(policy, price, wh, fuels):
    """What the buyer pays, what the seller receives, fee and carbon premium of one trade, in µcoin."""
    return {
        "price": price,
        "paid": ceil_div(wh * price, WH_PER_KWH),
        "received": wh * price // WH_PER_KWH,
        "fee": ceil_div(wh * int(policy["fee"]), WH_PER_KWH),
        "carbon": sum(carbon_premium(policy, fuel, amount) for fuel, amount in fuels.items()),
        "fuels": fuels,
    }


def residual_entry(policy, step, kind, wh):
    """Price, amount and carbon premium of what a member exchanges with the supplier or the imbalance."""
    if kind == "fed-in":
        return {"price": step["supplierBuys"], "amount": wh * step["supplierBuys"] // WH_PER_KWH, "carbon": 0}
    carbon = carbon_premium(policy, policy["supplierFuel"], wh) if kind == "bought" else 0
    return {"price": step["supplierSells"], "amount": ceil_div(wh * step["supplierSells"], WH_PER_KWH), "carbon": carbon}
