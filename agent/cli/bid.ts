/** `edso bid`: at what price, how much and from whom rather this household sells and buys. */
import { Command, Option } from "commander";
import { MAX_PRICE } from "../core/codec.ts";
import { FUELS, MEMBER_NAME } from "../core/membership/enrolment.ts";
import type { BidRequest, BidsView } from "../ports/bidView.ts";
import { usageError } from "./cliError.ts";
import { coinsText } from "./coinsText.ts";
import { microCoinsOf } from "./compilePolicy.ts";
import type { CliDependencies } from "./dependencies.ts";
import { asking, clientOf, type Flags, print, waitingText } from "./dso.ts";
import { textTable } from "./textTable.ts";
import { wholeNumber } from "./wholeNumber.ts";

type BidFlags = Flags & {
  readonly limit: string;
  readonly cap: string;
  readonly from?: string;
  readonly to?: string;
  readonly near?: string;
  readonly fuel?: (typeof FUELS)[number];
};

const SIDES = ["sell", "buy"] as const;
/** What 64 bits with room to add up hold. */
const MAX_CAP_WH = 1_000_000_000_000;
const MAX_INTERVAL = 999_999_999_999_999;
/** Coins in digits, at most six of them behind the point. */
const COINS = /^\d{1,12}(\.\d{1,6})?$/;

/** @param dependencies of the composition root @returns the command group */
export function bidCommand(dependencies: CliDependencies): Command {
  const bid = new Command("bid").description("bid in the street's auction");
  for (const side of SIDES) bid.addCommand(placing(side, dependencies));
  bid.addCommand(
    asking(new Command("list"), "print the bids that stand, and the bounds of the price").action(
      async (flags: Flags) => {
        print(flags, dependencies, await clientOf(flags, dependencies).bids(), bidsText);
      },
    ),
  );
  bid.addCommand(
    asking(new Command("withdraw"), "take a standing bid back: then any price is taken")
      .addOption(new Option("--side <side>", "which").choices(SIDES).makeOptionMandatory())
      .action(async (flags: Flags & { readonly side: BidRequest["side"] }) => {
        const nothing = { limit: "0", capWh: 0, from: null, to: null, area: null, fuel: null };
        const view = await clientOf(flags, dependencies).placeBid({ side: flags.side, ...nothing });
        print(flags, dependencies, view, waitingText);
      }),
  );
  return bid;
}

function placing(side: BidRequest["side"], dependencies: CliDependencies): Command {
  const [atLeast, most] = side === "sell" ? ["at least", "sold"] : ["at most", "bought"];
  const command = asking(new Command(side), `${side} at a price of ${atLeast} the limit, until withdrawn`)
    .requiredOption("--limit <coins>", "coins per kWh, at most six decimals")
    .requiredOption("--cap <wh>", `most Wh ${most} in an interval`)
    .option("--from <interval>", "first interval it holds for (default: the next one)")
    .option("--to <interval>", "first interval it no longer holds for");
  if (side === "buy")
    command
      .option("--near <area>", "rather from this part of the street")
      .addOption(new Option("--fuel <fuel>", "rather made from this").choices(FUELS));
  return command.action(async (flags: BidFlags) => {
    const view = await clientOf(flags, dependencies).placeBid(requestOf(side, flags));
    print(flags, dependencies, view, waitingText);
  });
}

function requestOf(side: BidRequest["side"], { limit, cap, from, to, near, fuel }: BidFlags): BidRequest {
  if (near !== undefined && !MEMBER_NAME.test(near))
    throw usageError(`--near is ${JSON.stringify(near)}`, "give an area as a gateway is enrolled with");
  const interval = (option: string, text: string | undefined) =>
    text === undefined ? null : wholeNumber(option, text, 0, MAX_INTERVAL);
  return {
    side,
    limit: `${limitOf(limit)}`,
    capWh: wholeNumber("--cap", cap, 1, MAX_CAP_WH),
    from: interval("--from", from),
    to: interval("--to", to),
    area: near ?? null,
    fuel: fuel ?? null,
  };
}

function limitOf(coins: string): bigint {
  const limit = COINS.test(coins) ? microCoinsOf(coins) : -1n;
  if (limit >= 0n && limit <= MAX_PRICE) return limit;
  throw usageError(
    `--limit is ${JSON.stringify(coins)}`,
    `give coins such as 0.25, at most ${coinsText(`${MAX_PRICE}`)}`,
  );
}

function bidsText({ own, nextInterval, pricing, bids }: BidsView): string {
  const rows = bids.map(({ member, side, limit, capWh, from, to, area, fuel }) => [
    member === own ? `${member} (own)` : member,
    side,
    coinsText(limit),
    `${capWh}`,
    `${from}`,
    to === null ? "-" : `${to}`,
    [area, fuel].filter((wish) => wish !== null).join(", ") || "-",
  ]);
  const table = textTable(["member", "side", "coins/kWh", "Wh", "from", "to", "rather"], rows, [
    "left",
    "left",
    "right",
    "right",
    "right",
    "right",
    "left",
  ]);
  return `${[pricingText(pricing, nextInterval), "", ...(rows.length === 0 ? ["no bids stand"] : table)].join("\n")}\n`;
}

function pricingText(pricing: BidsView["pricing"], nextInterval: number): string {
  const where = `interval ${nextInterval}`;
  if (pricing === null) return `${where}: no policy, bids do not count`;
  if (pricing.kind === "schedule") return `${where}: prices by schedule, bids do not count`;
  return `${where}: auction between ${coinsText(pricing.floor)} and ${coinsText(pricing.cap)} coins/kWh`;
}
