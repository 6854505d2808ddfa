"""Who pays whom: the postings of an interval, whose sum is 0. docs/market.md, "Settlement"."""


def postings(trades, trade_entries, residuals, residual_entries):
    """Account → µcoin that it changes by; accounts are members (bytes) or names."""
    changes = {}

    def post(account, amount):
        changes[account] = changes.get(account, 0) + amount

    for (seller, buyer, _), (_, paid, received, fee, carbon, _) in zip(trades, trade_entries):
        post(buyer, -paid - fee - carbon)
        post(seller, received)
        post("rounding", paid - received)
        post("fees", fee)
        post("carbon", carbon)
    for (member, kind, _), (_, amount, carbon) in zip(residuals, residual_entries):
        counterpart = "imbalance" if kind == "imbalance" else "supplier"
        paid = -amount if kind == "fed-in" else amount
        post(member, -paid - carbon)
        post(counterpart, paid)
        post("carbon", carbon)
    return changes
