"""One interval as a block carries it, from what its readings state. docs/market.md, "Layout"."""

from accounts import Money, is_within_bounds, postings
from address import member_text
from balance import allocate, excess_and_deficit, residuals_of, signal_of, stop_of, walk
from cbor import Encoded, encode
from compliance import entry_of
from curtail import consumption_limits, generation_limits, orders_after, spare_feed_in
from judge import judge
from offers import auctioned, counting, wished_pairs
from policy import is_eligible, policy_at, step_at
from provenance import excess_by_fuel, fuels_of_trades
from settlement import residual_entry, trade_entry
from split import tie_order


def settled_interval(given):
    """Canonical bytes of the settled interval that follows from one line of input, and of the money after it."""
    interval = Interval(given)
    return encode([interval.layout(), interval.money.layout()])


class Interval:
    """One interval, step by step."""

    def __init__(self, given):
        self.given = given
        self.at = given["interval"]
        self.is_islanded = given["mode"] == "islanded"
        self.members = {bytes.fromhex(member["id"]): member for member in given["members"]}
        self.order = tie_order(bytes.fromhex(given["seed"]), list(self.members), self.at)
        self.policy = policy_at(given["policies"], self.at)
        self.step = None if self.policy is None else step_at(self.policy, self.at)
        self.judge_members()
        self.allocate()
        self.pair()
        self.settle()

    def judge_members(self):
        judged = {member: judge(self.given, self.policy, enrolled) for member, enrolled in self.members.items()}
        self.missing = {member: found for member, found in judged.items() if isinstance(found, str)}
        self.measured = {member: found for member, found in judged.items() if member not in self.missing}
        self.money = Money(self.given["money"])
        self.ineligible = [
            member
            for member, found in self.measured.items()
            if found.position < 0 and not is_eligible(self.policy, member, self.money.of(member))
        ]

    def allocate(self):
        positions = {member: found.position for member, found in self.measured.items()}
        self.excess, deficit = excess_and_deficit(positions)
        self.barred = {member: wh for member, wh in deficit.items() if member in self.ineligible}
        self.deficit = {member: wh for member, wh in deficit.items() if member not in self.barred}
        self.price = None if self.step is None else self.step["trade"]
        if self.is_auction():
            self.price, self.sold, self.bought = auctioned(
                self.excess, self.deficit, self.given["bids"], self.at, self.policy, self.order
            )
        else:
            self.sold, self.bought = allocate(self.excess, self.deficit, self.order)
        self.signal = signal_of(self.excess, self.deficit, self.sold)

    def is_auction(self):
        return self.policy is not None and self.policy["pricing"] == "auction"

    def pair(self):
        self.by_fuel = {member: excess_by_fuel(wh, self.measured[member].by_fuel) for member, wh in self.excess.items()}
        wished, sold, bought = [], self.sold, self.bought
        if self.is_auction():
            areas = {member: enrolled["area"] for member, enrolled in self.members.items()}
            buys = counting(self.given["bids"], "buy", self.at)
            wished, sold, bought = wished_pairs(sold, bought, buys, areas, self.by_fuel, self.order)
        self.trades = wished + walk(sold, bought, self.order)

    def orders(self):
        missing = {*self.missing, *(self.barred if self.is_islanded else ())}
        kind = "consumption" if self.is_islanded else "generation"
        standing = {
            bytes.fromhex(order["member"]): (int(order["max"]), int(order["wanted"]))
            for order in self.given["orders"]
            if order["kind"] == kind
        }
        if self.is_islanded:
            amounts, limits, spare = self.deficit, consumption_limits(self.deficit, self.bought), self.signal[3]
        else:
            limit = None if self.policy is None else self.policy["feedInLimit"]
            if limit is None:
                return []
            amounts, limits = self.excess, generation_limits(self.excess, self.sold, int(limit), self.order)
            spare = spare_feed_in(self.signal, int(limit))
        found = orders_after(self.at, amounts, limits, spare, standing, missing, self.order)
        return by_text((member, kind, *rest) for member, *rest in found)

    def residuals(self):
        barred = self.barred.items()
        if self.is_islanded:
            return by_text((member, "imbalance", wh) for member, wh in barred)
        usual = residuals_of(self.excess, self.deficit, self.sold, self.bought)
        return by_text(usual + [(member, "bought", wh) for member, wh in barred])

    def compliance(self):
        entries = []
        for order in self.given["orders"]:
            member = bytes.fromhex(order["member"])
            if member in self.members:
                entries.append(entry_of(member, order, self.measured.get(member)))
        return by_text(entries)

    def settle(self):
        """The settlement, and the money after it; no coin moves without a policy or beyond 64 bits."""
        self.settlement = None
        if self.policy is None:
            return
        fuels = fuels_of_trades(self.trades, {member: dict(left) for member, left in self.by_fuel.items()})
        trades = [trade_entry(self.policy, self.price, wh, of) for (_, _, wh), of in zip(self.trades, fuels)]
        residuals = [residual_entry(self.policy, self.step, kind, wh) for _, kind, wh in self.residuals()]
        if not is_within_bounds(trades, residuals):
            return
        money = self.money.after(postings(self.trades, trades, self.residuals(), residuals))
        if money is None:
            return
        self.money = money
        ineligible = [member for member, in by_text((member,) for member in self.ineligible)]
        self.settlement = [self.policy["version"], self.price, ineligible, trades, residuals]

    def layout(self):
        """The interval's place in a block."""
        readings = by_text(
            (bytes.fromhex(entry["member"]), Encoded(bytes.fromhex(entry["encoded"]))) for entry in self.given["readings"]
        )
        return [
            self.at,
            [encoded for _, encoded in readings],
            by_text(self.missing.items()),
            self.trades,
            self.signal,
            stop_of(self.signal),
            self.orders(),
            self.residuals(),
            self.compliance(),
            self.settlement,
        ]


def by_text(entries):
    """Entries that begin with a member, ascending by the text of its address."""
    return sorted(entries, key=lambda entry: member_text(entry[0]))
