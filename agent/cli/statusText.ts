/** The status of an agent as lines for a person. */
import type { MeterView, StatusView } from "../ports/agentView.ts";
import type { MandateView } from "../ports/governanceView.ts";
import { paint } from "./terminal.ts";
import { textTable } from "./textTable.ts";

const RIGHT = ["left", "left", "right", "right", "right", "left"] as const;

/** @param status of the agent @param hasColour whether escape codes are wanted @returns its lines */
export function statusText(status: StatusView, hasColour: boolean): string {
  const { ledger, voters, microgrid, agreement } = status;
  const last =
    ledger.lastInterval === null ? "no interval settled yet" : `interval ${ledger.lastInterval} settled`;
  const hasQuorum = voters.connected >= voters.quorum;
  const reach = `${voters.connected} of ${voters.total} voters in reach, quorum ${voters.quorum}`;
  const readings =
    status.outboxReadings === 1 ? "1 own reading waits" : `${status.outboxReadings} own readings wait`;
  return [
    `${paint(status.name, "bold", hasColour)}  ${status.address}  edso ${status.version}`,
    `  microgrid    ${microgrid.id}, ${microgrid.mode}, chain ${microgrid.chainId}`,
    ...epochLines(status, hasColour),
    ...participationLines(status, hasColour),
    ...officeLines(status),
    `  ledger       height ${ledger.height}, head ${ledger.head}, ${last}`,
    ...(ledger.base === 0
      ? []
      : [`               begins with block ${ledger.base}, fetched as a certified state`]),
    `  agreement    height ${agreement.height}, round ${agreement.round} since ${agreement.since}`,
    `  voters       ${hasQuorum ? reach : paint(`${reach}: nothing can be agreed`, "red", hasColour)}`,
    ...settlementLines(status, hasColour),
    ...syncLines(status, hasColour),
    ...bftLines(status, hasColour),
    `  clock        ${status.clock === "unsynchronised" ? paint(status.clock, "yellow", hasColour) : status.clock}, ${status.now}`,
    `  outbox       ${readings} for a block`,
    ...indented(meterLines(status.meters)),
    ...curtailmentLines(status, hasColour),
    ...indented(counterLines(status)),
    "",
  ].join("\n");
}

/** Nothing in the first epoch: a street that was never recovered need not know the word. */
function epochLines({ epoch: { number, recovery } }: StatusView, hasColour: boolean): readonly string[] {
  if (recovery === null) return [];
  const { proven, afterHeight, reporters, lost } = recovery;
  const base = `${number}, recovered after height ${afterHeight} by reports of ${reporters.join(", ") || "nobody"}`;
  const left = lost.length === 0 ? "" : `; declared lost: ${lost.join(", ")}`;
  const unproven = paint("; unproven: blocks that were settled before may be missing", "yellow", hasColour);
  return [`  epoch        ${base}${left}${proven ? "" : unproven}`];
}

function participationLines({ hindrances }: StatusView, hasColour: boolean): readonly string[] {
  const lines = hindrances.flatMap(({ code, because, since, next }, index) => [
    `  ${index === 0 ? "takes part   observes only" : "             and"}: ${because}`,
    `               code ${code}, since ${since}`,
    `               next: ${next}`,
  ]);
  return lines.length === 0
    ? ["  takes part   as voter"]
    : lines.map((line) => paint(line, "yellow", hasColour));
}

function officeLines({ office }: StatusView): readonly string[] {
  if (office === null) return ["  DSO          none yet: the first block elects one"];
  return [
    `  DSO          ${office.dsoName} (${office.dso}), term ${office.term} since height ${office.sinceHeight}`,
    `  mandate      ${mandateText(office.mandate)}`,
  ];
}

/** @param mandate of an office @returns how its term began, and who says so */
export function mandateText({ kind, height, round, signedBy }: MandateView): string {
  switch (kind) {
    case "genesis":
      return `by the genesis, height ${height}`;
    case "term-end":
      return `after the end of a term, height ${height}`;
    case "recall":
      return `recall of the DSO before it, height ${height}, round ${round}, signed by ${signedBy.join(", ")}`;
    default:
      return kind satisfies never;
  }
}

function settlementLines({ settlement, voters }: StatusView, hasColour: boolean): readonly string[] {
  const { state, since, unsettledIntervals } = settlement;
  if (state === "settling") return [];
  const reach = `${voters.connected} voters in reach of ${voters.quorum} that it takes`;
  const word = `no quorum since ${since}: ${reach}; ${unsettledIntervals} intervals unsettled, meters are read on`;
  return [`  settlement   ${paint(word, "red", hasColour)}`];
}

function syncLines({ sync }: StatusView, hasColour: boolean): readonly string[] {
  if (sync.behindBy === 0) return [];
  const source = sync.source === null ? "nobody has given a block yet" : `blocks come from ${sync.source}`;
  const behind = `behind by ${sync.behindBy} since ${sync.since}; ${source}`;
  return [`  sync         ${paint(behind, "yellow", hasColour)}`];
}

function bftLines({ bft, voters }: StatusView, hasColour: boolean): readonly string[] {
  if (bft) return [];
  const warning = `with ${voters.total} voters a liar is not survived; that needs 4 (bft: false)`;
  return [`  ${paint("warning", "yellow", hasColour)}      ${warning}`];
}

function meterLines(meters: readonly MeterView[]): readonly string[] {
  if (meters.length === 0) return ["meters       none"];
  const rows = meters.map((meter) => [
    meter.role,
    meter.definition,
    String(meter.unitId),
    meter.activePowerW === null ? "n/a" : `${meter.activePowerW} W`,
    meter.sampleAgeSeconds === null ? "n/a" : `${meter.sampleAgeSeconds} s`,
    meterState(meter),
  ]);
  return textTable(["meter", "definition", "unit", "power", "age", "state"], rows, RIGHT);
}

function meterState({ state, reason, answeredBy }: MeterView): string {
  if (reason === null) return state;
  return answeredBy === null ? `${state}: ${reason}` : `${state}: ${reason}, ${answeredBy} answers`;
}

/** Nothing at a household that is neither ordered to do without nor could. */
function curtailmentLines({ curtailment }: StatusView, hasColour: boolean): readonly string[] {
  const actuators = curtailment.actuators.map(({ definition, unitId, limits, ratedW, isLimited, reason }) => {
    const state = reason === null ? (isLimited ? "limited" : "free") : paint(reason, "red", hasColour);
    return `  actuator     ${definition}, unit ${unitId}, ${limits} of ${ratedW} W: ${state}`;
  });
  const orders = curtailment.orders.map(({ interval, kind, maxWh, acknowledged, reason }) => {
    const word = acknowledged ? "acknowledged" : (reason ?? "not acknowledged yet");
    const state = acknowledged ? word : paint(word, "yellow", hasColour);
    return `  order        ${kind} of at most ${maxWh} Wh in interval ${interval}: ${state}`;
  });
  return [...actuators, ...orders];
}

function counterLines({ gossip, refusals }: StatusView): readonly string[] {
  const heard = gossip
    .map(({ channel, verdict, messages }) => `${channel} ${verdict} ${messages}`)
    .join(", ");
  const refused = refusals.map(({ code, count }) => `${code} ${count}`).join(", ");
  return [`gossip       ${heard || "nothing yet"}`, `refused      ${refused || "nothing"}`];
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}
