"""A late reading: the energy that it settles, against what, and the coins for it. docs/market.md, "Corrections"."""

from accounts import Money
from cbor import encode
from energy import advances, carried_at_most, energy_of, is_plausible
from plants import is_planted
from policy import ceil_div, policy_at, rating_at, step_at

WH_PER_KWH = 1_000
GRAMS_PER_KG = 1_000
MOST_COINS = 2**63 - 1
NOTHING = (None, [0, 0], 0)


def settled_late(given):
    """Canonical bytes of the correction that follows from one line of input, and of the money after it."""
    member = given["member"]
    stated = member["stated"]
    first, last = stated.get("from", given["interval"]), given["interval"]
    generated, consumed, is_carried = late_energy(given, member, stated, first, last)
    usual = "imbalance" if given["mode"] == "islanded" else "supplier"
    against = usual if is_carried else "quarantined"
    version, prices, amount = money_of(given["policies"], first, last, generated, consumed) if is_carried else NOTHING
    owner, money = bytes.fromhex(member["id"]), Money(given["money"])
    after = money.after({owner: amount, usual: -amount}) if abs(amount) <= MOST_COINS else None
    if after is None:
        (version, prices, amount), after = NOTHING, money
    return encode([[owner, against, generated, consumed, version, prices, amount], after.layout()])


def late_energy(given, member, stated, first, last):
    """(E_G, E_C, whether the connection can have carried it)."""
    if "missing" in stated:
        return 0, 0, True
    advance = advances([meter["role"] for meter in member["meters"]], stated["meters"])
    most_wh = carried_at_most(rating_at(policy_at(given["policies"], last), member), given["intervalMs"], given["timeLapse"])
    most_wh *= last - first + 1
    if "from" not in stated:
        generated, consumed, _ = energy_of(advance, int(stated["carryIn"]))
    else:
        before = int(given["carryBefore"]) if first == given["gap"][0] else 0
        after = int(given["carryAfter"]) if last == given["gap"][1] else 0
        generated, above_zero, carry = energy_of(advance, before)
        consumed = above_zero + carry - after
    return generated, consumed, is_plausible(advance, generated, abs(consumed), most_wh)


def money_of(policies, first, last, generated, consumed):
    """(version of the newest policy, [price of consumed, price of generated], µcoin for the member)."""
    held = [(policy, step_at(policy, at)) for at in range(first, last + 1) if (policy := policy_at(policies, at))]
    if not held:
        return NOTHING
    prices = [max(consumed_price(*one) for one in held), min(generated_price(*one) for one in held)]
    if first == last:
        amount = earned(generated - consumed, prices)
    else:
        amount = earned(generated, prices) + earned(-consumed, prices)
    return max(policy["version"] for policy, _ in held), prices, amount


def consumed_price(policy, step):
    """The highest that a kWh can have cost, fee and carbon in it."""
    traded = int(policy["cap"]) if policy["pricing"] == "auction" else step["trade"]
    premiums = [premium(policy, grams) for _, grams in policy["carbon"]["grams"]]
    if is_planted("late-without-fee"):
        return max(step["supplierSells"], traded)
    grams_of_supplier = dict(policy["carbon"]["grams"]).get(policy["supplierFuel"], 0)
    return max(
        step["supplierSells"] + premium(policy, grams_of_supplier),
        traded + int(policy["fee"]) + max([0, *premiums]),
    )


def generated_price(policy, step):
    """The lowest that a kWh can have earned."""
    return min(step["supplierBuys"], int(policy["floor"]) if policy["pricing"] == "auction" else step["trade"])


def premium(policy, grams):
    """µcoin per kWh, rounded up."""
    return ceil_div(int(grams) * int(policy["carbon"]["rate"]), GRAMS_PER_KG)


def earned(wh, prices):
    """What the account changes by: above 0 was generated and is rounded down, below 0 consumed and rounded up."""
    for_consumed, for_generated = prices
    return wh * for_generated // WH_PER_KWH if wh >= 0 else -ceil_div(-wh * for_consumed, WH_PER_KWH)
