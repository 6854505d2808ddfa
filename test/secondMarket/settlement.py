"""From trades and residuals to coins. docs/market.md, "Settlement"."""

from plants import is_planted
from policy import carbon_premium, ceil_div

WH_PER_KWH = 1_000


def trade_entry(policy, price, wh, fuels):
    """[price, what the buyer pays, what the seller receives, fee, carbon premium, fuels] of one trade, in µcoin."""
    carbon = carbon_premium(policy, fuels)
    paid = ceil_div(wh * price, WH_PER_KWH) if not is_planted("paid-rounded-down") else wh * price // WH_PER_KWH
    fee = ceil_div(wh * int(policy["fee"]), WH_PER_KWH)
    return [price, paid, wh * price // WH_PER_KWH, fee, carbon, fuels]


def residual_entry(policy, step, kind, wh):
    """[price, amount, carbon premium] of what a member exchanges with the supplier or the imbalance."""
    if kind == "fed-in":
        return [step["supplierBuys"], wh * step["supplierBuys"] // WH_PER_KWH, 0]
    carbon = carbon_premium(policy, [(policy["supplierFuel"], wh)]) if kind == "bought" else 0
    return [step["supplierSells"], ceil_div(wh * step["supplierSells"], WH_PER_KWH), carbon]
