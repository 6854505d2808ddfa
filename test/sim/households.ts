/** The households of a run: two gateways of one household read the same meters, a twin has some of its own. */
import { drawFor } from "./draw.ts";
import { Household } from "./household.ts";
import type { Scenario } from "./scenario.ts";
import type { SimMember } from "./street.ts";

/** Those of one run. */
export class Households {
  readonly #scenario: Scenario;
  readonly #startMs: number;
  readonly #byName = new Map<string, Household>();

  /** @param scenario of the run @param startMs of it, on the wall clock */
  constructor(scenario: Scenario, startMs: number) {
    this.#scenario = scenario;
    this.#startMs = startMs;
  }

  /** @param member with a gateway @param place of the gateway's member @returns what its gateway meters */
  of(member: SimMember, place: number): Household {
    const { name } = member.enrolment.body;
    const household = this.#byName.get(name) ?? this.another(member, place);
    this.#byName.set(name, household);
    return household;
  }

  /** @param member with a key that runs twice @param place of it @returns meters that nobody else reads */
  another({ enrolment }: SimMember, place: number): Household {
    const { seed, intervalMs, silentMeterShare, consumesShare, skewShare } = this.#scenario;
    const roles = enrolment.body.meters.map((meter) => meter.role);
    return new Household(roles, drawFor(seed, `household ${place}`), {
      startMs: this.#startMs,
      bucketMs: intervalMs,
      silentShare: silentMeterShare,
      consumesShare,
      skewShare,
    });
  }
}
