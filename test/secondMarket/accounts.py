"""Who pays whom, and what the accounts hold after it. docs/market.md, "Money", "Settlement"."""

from address import member_text

MOST_COINS = 2**63 - 1


class Money:
    """µcoin issued, and by account (members as bytes, names as text); who is not in it holds 0."""

    def __init__(self, given):
        self.issued = int(given["issued"])
        self.accounts = {account_of(account): int(amount) for account, amount in given["accounts"]}

    def of(self, account):
        return self.accounts.get(account, 0)

    def after(self, changes):
        """Money with the changes; None when an account would hold more than 64 bits do."""
        accounts = {account: self.of(account) + changes.get(account, 0) for account in {*self.accounts, *changes}}
        if any(abs(amount) > MOST_COINS for amount in accounts.values()):
            return None
        money = Money({"issued": self.issued, "accounts": []})
        money.accounts = {account: amount for account, amount in accounts.items() if amount != 0}
        return money

    def layout(self):
        """Its place in a state: accounts by the text of their address or name."""
        return [self.issued, [[account, self.accounts[account]] for account in sorted(self.accounts, key=account_text)]]


def account_of(text):
    """A member is written in hexadecimal, and no name is."""
    return text if text in ("supplier", "imbalance", "fees", "rounding", "carbon") else bytes.fromhex(text)


def account_text(account):
    return account if isinstance(account, str) else member_text(account)


def is_within_bounds(trades, residuals):
    """Whether each amount of the entries fits 64 bits with a sign."""
    amounts = [amount for _, *amounts, _ in trades for amount in amounts]
    return all(amount <= MOST_COINS for amount in amounts + [amount for _, *rest in residuals for amount in rest])


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
