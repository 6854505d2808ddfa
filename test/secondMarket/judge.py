"""What a member's reading comes to: its figures, or why it is missing. docs/market.md, "Quantities", "Position"."""

from energy import advances, carried_at_most, energy_of, is_plausible
from policy import rating_at
from provenance import generated_by_fuel


class Measured:
    """Figures of one measured member."""

    def __init__(self, position, by_fuel, resolution_milli_wh):
        self.position = position
        self.by_fuel = by_fuel
        self.resolution_milli_wh = resolution_milli_wh


def judge(given, policy, member):
    """Measured, or the reason as text."""
    stated = member["stated"]
    if stated is None:
        return "silent"
    if "missing" in stated:
        return stated["missing"]
    roles = [meter["role"] for meter in member["meters"]]
    advance = advances(roles, stated["meters"])
    generated, consumed, _ = energy_of(advance, int(stated["carryIn"]))
    most_wh = carried_at_most(rating_at(policy, member), given["intervalMs"], given["timeLapse"])
    if not is_plausible(advance, generated, consumed, most_wh):
        return "quarantined"
    generation = [(meter["fuel"], advance["generation"][0]) for meter in member["meters"] if meter["role"] == "generation"]
    resolution = sum(meter["resolutionMilliWh"] for meter in stated["meters"])
    return Measured(generated - consumed, generated_by_fuel(generation, generated), resolution)
