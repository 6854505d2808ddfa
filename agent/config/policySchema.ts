/**
 * A policy as the Regulator writes it: prices by the hour of the local day, money in coins. The tool compiles it to
 * intervals and micro-coins; the ledger knows no time zone.
 *
 * @source docs/policy.md
 */
import * as z from "zod";
import { FUELS } from "../core/membership/enrolment.ts";
import { FOSSIL_FUELS } from "../core/membership/judgePolicy.ts";
import { PRICINGS } from "../core/membership/policy.ts";
import type { SettingSchema } from "./schema.ts";

const MONEY = /^\d{1,12}(\.\d{1,6})?$/;
const MONEY_FORM = "coins with at most six digits behind the point, such as 0.25";
const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
const DAY = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])( ([01]\d|2[0-3]):[0-5]\d)?$/;
const DAY_FORM = "a local day, 2027-01-01, or with a time, 2027-01-01 06:00";
const MEMBER_FORM = "a member's address, meter1…";
const MAX_NAMED = 200;
const MAX_ENTRIES = 96;

/** A number as written: a float would not hold it exactly. */
const money = (description: string, example: string) =>
  z
    .union([z.number(), z.string()])
    .transform((value) => String(value))
    .pipe(z.string().regex(MONEY))
    .meta({ description, form: MONEY_FORM, examples: [example] });

const tariffSchema = z
  .strictObject({
    from: z
      .string()
      .regex(TIME)
      .meta({
        description: "Local time from which it holds.",
        form: 'a time, in quotes: "06:00"',
        examples: ["06:00"],
      }),
    trade: money("Price of a kWh between members.", "0.18"),
    supplierSells: money("What the base-load supplier takes for a kWh.", "0.30"),
    supplierBuys: money("What the base-load supplier gives for a kWh.", "0.08"),
  })
  .meta({ description: "Prices from a time of the day on." });

const tariff = (description: string) => z.array(tariffSchema).min(1).max(MAX_ENTRIES).meta({ description });

const local = (description: string) =>
  z
    .string()
    .regex(DAY)
    .meta({ description, form: DAY_FORM, examples: ["2027-01-01"] });

const byFuel = <Value extends z.ZodType>(fuels: readonly [string, ...string[]], value: Value) =>
  z.partialRecord(z.enum(fuels as [string, ...string[]]), value);

const byMember = <Value extends z.ZodType>(value: Value) =>
  z
    .record(z.string().regex(/^meter1[0-9a-z]+$/), value)
    .refine((map) => Object.keys(map).length <= MAX_NAMED);

/** Everything that a policy file may say. */
export const policyFileSchema = z.strictObject({
  microgrid: z
    .string()
    .min(1)
    .max(63)
    .meta({ description: "Street that it is for.", examples: ["our-street"] }),
  version: z
    .int()
    .min(1)
    .max(1_000_000_000)
    .meta({ description: "One more than that of the policy deployed before.", examples: [1] }),
  intervalSeconds: z
    .int()
    .min(1)
    .max(86_400)
    .default(900)
    .meta({ description: "Length of the street's intervals, as in its genesis.", unit: "s" }),
  timeZone: z
    .string()
    .refine(isTimeZone)
    .meta({
      description: "Zone of every local time.",
      form: "a name of the IANA list",
      examples: ["Europe/Vienna"],
    }),
  from: local("Beginning, in local time."),
  to: local("End, in local time; it does not hold at this instant any more."),
  pricing: z
    .enum(PRICINGS)
    .default("schedule")
    .meta({ description: "How trades are priced: by the tariff, or by bids between floor and cap." }),
  tariff: tariff("Prices of every day, from 00:00 on."),
  weekendTariff: tariff("Prices of Saturdays and Sundays, where they differ.").optional(),
  floor: money("Lowest price of a trade, per kWh.", "0.05"),
  cap: money("Highest price of a trade, per kWh.", "0.40"),
  feedInLimitWh: z.int().min(0).max(1_000_000_000).optional().meta({
    description: "Most that the whole street feeds in during one interval; no limit without it.",
    unit: "Wh",
  }),
  creditLimit: money("How far below 0 an account may be while its member still buys from others.", "10"),
  creditLimits: byMember(money("The same for one member.", "0"))
    .default({})
    .meta({ description: "The same for single members, by address.", form: MEMBER_FORM }),
  fee: money("What a buyer pays beside the price, per kWh.", "0.003"),
  supplierFuel: z
    .enum(FUELS)
    .default("grid-mix")
    .meta({ description: "What the base-load supplier's energy is made from." }),
  mixTarget: byFuel(FUELS as unknown as [string, ...string[]], z.int().min(0).max(1_000))
    .default({})
    .meta({ description: "What the street's energy is to be made from, in thousandths by fuel." }),
  carbonGrams: byFuel(FOSSIL_FUELS as unknown as [string, ...string[]], z.int().min(0).max(100_000))
    .default({})
    .meta({ description: "Grams of CO₂ per kWh by fossil fuel.", unit: "g/kWh" }),
  carbonRate: money("Price of a kilogram of CO₂.", "0.05"),
  connectionRatingsW: byMember(z.int().min(0).max(1_000_000_000)).default({}).meta({
    description: "Rating of single connections in place of the enrolled one, by address.",
    unit: "W",
  }),
});

/** A policy file, in its form. */
export type PolicyFile = z.output<typeof policyFileSchema>;

/** One entry of a tariff; money in coins as decimal text. */
export type TariffEntry = z.output<typeof tariffSchema>;

/** @returns JSON Schema (2020-12) of a policy file, for editors and for docs/policy.md */
export function policyJsonSchema(): SettingSchema {
  const schema = z.toJSONSchema(policyFileSchema, { io: "input", unrepresentable: "any" });
  return { ...schema, title: "Policy of an edso street" } as SettingSchema;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
