"""Which policy holds, and what it says of an interval. docs/market.md, "Policy"."""


def policy_at(policies, interval):
    """The policy whose window [from, to) holds the interval; None without one."""
    return next((policy for policy in policies if policy["from"] <= interval < policy["to"]), None)


def step_at(policy, interval):
    """The prices of an interval in µcoin per kWh: of the last step that has begun."""
    begun = [step for step in policy["prices"] if step["from"] <= interval]
    return {name: int(begun[-1][name]) for name in ("trade", "supplierSells", "supplierBuys")}


def credit_limit(policy, member):
    """How far below 0 the account of a member may be and still buy, in µcoin."""
    own = {bytes.fromhex(entry): int(limit) for entry, limit in policy["creditLimits"]}
    return own.get(member, int(policy["creditLimit"]))


def is_eligible(policy, member, balance):
    """Whether the member may buy on credit, by its account before the block."""
    return policy is None or balance > -credit_limit(policy, member)


def rating_at(policy, member):
    """W that the connection of a member carries: by the policy, else as it enrolled."""
    ratings = dict(policy["connectionRatings"]) if policy is not None else {}
    return ratings.get(member["id"], member["ratingW"])


def carbon_premium(policy, fuels):
    """µcoin for Wh by fuel, rounded up once; nothing for what the policy names no grams of."""
    grams = dict(policy["carbon"]["grams"])
    scaled = sum(wh * int(grams.get(fuel, 0)) for fuel, wh in fuels)
    return ceil_div(scaled * int(policy["carbon"]["rate"]), 10**6)


def ceil_div(dividend, divisor):
    return -(-dividend // divisor)
