"""E_G and E_C of a household from the registers of its meters. docs/market.md, "Quantities"."""

MS_PER_HOUR = 3_600_000


def advances(roles, meters):
    """Role → what each register of that meter advanced by, in Wh."""
    return {
        role: [int(end) - int(start) for start, end in zip(meter["start"], meter["end"])]
        for role, meter in zip(roles, meters)
    }


def energy_of(advance, carry):
    """(E_G, E_C, carry for the next reading); a grid meter has import first, then export."""
    generated = advance["generation"][0] if "generation" in advance else 0
    if "grid" not in advance:
        return generated, advance["consumption"][0] if "consumption" in advance else 0, carry
    imported, exported = advance["grid"]
    if "generation" not in advance:
        return exported, imported, carry
    consumed = generated - (exported - imported) + carry
    return generated, max(consumed, 0), min(consumed, 0)


def carried_at_most(rating_w, interval_ms, time_lapse):
    """Wh that can have passed a connection in one interval, rounded up."""
    return -(-rating_w * interval_ms * time_lapse // MS_PER_HOUR)


def is_plausible(advance, generated, consumed, most_wh):
    """False when an energy or a register's advance is more than the connection carries."""
    registers = [wh for of_meter in advance.values() for wh in of_meter]
    return all(wh <= most_wh for wh in [generated, consumed, *registers])
