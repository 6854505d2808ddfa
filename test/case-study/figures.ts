/**
 * The figures of the case study: of each DEP its generation and consumption, and its position before and after sharing.
 *
 * @source Dzobo, Malila, Sithole 2021, Figs 6a–8b: what they show, not how they look
 */

import { kwhText } from "./amountText.ts";
import type { CaseHour, CaseStudy, DepHour } from "./caseStudy.ts";
import {
  bar,
  chartFile,
  type EnergyAxis,
  type LegendEntry,
  note,
  polyline,
  type Scale,
  scaleOf,
} from "./chart.ts";
import { DEPS, type Dep, GOLDEN, WH_PER_KWH } from "./demand.ts";
import { type Labels, paperName } from "./labels.ts";
import type { Svg } from "./svg.ts";

/** Nothing that is drawn exceeds 100 kWh in an hour, nor a position 90 to either side. */
const ENERGY_AXIS: EnergyAxis = { min: 0, max: 100, step: 20 };
const POSITION_AXIS: EnergyAxis = { min: -100, max: 100, step: 50 };
/** Shares of an hour's width that are left free beside a bar. */
const MARGIN = { wide: 0.12, narrow: 0.28 } as const;

const ENERGY_LEGEND: readonly LegendEntry[] = [
  { className: "generation", shape: "bar", text: "generation" },
  { className: "consumption", shape: "line", text: "consumption" },
  { className: "unserved", shape: "line", text: "need left unserved under a curtailment order" },
];
const POSITION_LEGEND: readonly LegendEntry[] = [
  { className: "before", shape: "bar", text: "position before sharing (what stays empty was shared)" },
  { className: "surplus", shape: "bar", text: "after: excess unsold" },
  { className: "lack", shape: "bar", text: "after: deficit unmet" },
];

/** @param study a finished run @param labels of its gateways @returns every figure by its file name */
export function figureFiles(study: CaseStudy, labels: Labels): ReadonlyMap<string, string> {
  return new Map(
    DEPS.flatMap((dep) => [
      [`${dep}-energy.svg`, energyFigure(study, dep, labels)] as const,
      [`${dep}-position.svg`, positionFigure(study, dep, labels)] as const,
    ]),
  );
}

function energyFigure(study: CaseStudy, dep: Dep, labels: Labels): string {
  const { hours } = study;
  const scale = scaleOf(hours.length, ENERGY_AXIS);
  const total = (of: (hour: DepHour) => bigint) => kwhText(sumOver(hours, dep, of));
  const words = {
    title: `${paperName(dep)}: generation and consumption`,
    subtitle: labels.of(dep),
    description:
      `Bars and a step line over ${hours.length} hours. Generated ${total((hour) => hour.generated)} kWh, ` +
      `consumed ${total((hour) => hour.consumed)} kWh, left unserved under curtailment orders ` +
      `${total((hour) => hour.need - hour.consumed)} kWh. Every figure is in tables.md.`,
  };
  const marks = [
    ...hours.map(({ t, deps }) => widthBar("generation", scale, t, MARGIN.wide, deps[dep].generated)),
    ...hours.flatMap(({ t, deps }) => unserved(scale, t, deps[dep])),
    consumptionLine(scale, hours, dep),
  ];
  return chartFile(words, hours.length, ENERGY_AXIS, ENERGY_LEGEND, marks);
}

function positionFigure(study: CaseStudy, dep: Dep, labels: Labels): string {
  const { hours } = study;
  const scale = scaleOf(hours.length, POSITION_AXIS);
  const total = (of: (hour: DepHour) => bigint) => kwhText(sumOver(hours, dep, of));
  const words = {
    title: `${paperName(dep)}: position before and after sharing`,
    subtitle: labels.of(dep),
    description:
      `Bars above zero for excess and below for deficit over ${hours.length} hours. Sold ` +
      `${total((hour) => hour.sold)} kWh, bought ${total((hour) => hour.bought)} kWh, unsold ` +
      `${total((hour) => positive(hour.after))} kWh, unmet ${total((hour) => positive(-hour.after))} kWh. ` +
      "Every figure is in tables.md.",
  };
  const marks = hours.flatMap(({ t, deps }) => {
    const { before, after } = deps[dep];
    const look = after < 0n ? "lack" : "surplus";
    return [
      ...(after === 0n ? [] : [widthBar(look, scale, t, MARGIN.narrow, after)]),
      ...(before === 0n ? [] : [widthBar("before", scale, t, MARGIN.wide, before)]),
    ];
  });
  const golden = dep === GOLDEN.dep ? [goldenNote(scale)] : [];
  return chartFile(words, hours.length, POSITION_AXIS, POSITION_LEGEND, [...marks, ...golden]);
}

function widthBar(className: string, scale: Scale, t: number, margin: number, energy: bigint): Svg {
  const width = scale.bandWidth * (1 - 2 * margin);
  const x = scale.x(t) + scale.bandWidth * margin;
  return bar(className, { x, width, from: scale.y(0), to: scale.y(kwhOf(energy)) });
}

function unserved(scale: Scale, t: number, { need, consumed }: DepHour): readonly Svg[] {
  if (need <= consumed) return [];
  const left = scale.x(t) + scale.bandWidth * MARGIN.wide;
  const right = scale.x(t + 1) - scale.bandWidth * MARGIN.wide;
  const [top, bottom] = [scale.y(kwhOf(need)), scale.y(kwhOf(consumed))];
  return [
    polyline("unserved", [
      [left, bottom],
      [left, top],
      [right, top],
      [right, bottom],
    ]),
  ];
}

function consumptionLine(scale: Scale, hours: readonly CaseHour[], dep: Dep): Svg {
  const steps = hours.flatMap(({ t, deps }) => {
    const y = scale.y(kwhOf(deps[dep].consumed));
    return [[scale.x(t), y] as const, [scale.x(t + 1), y] as const];
  });
  return polyline("consumption", steps);
}

/** The one deficit whose figures the paper's text gives. */
function goldenNote(scale: Scale): Svg {
  const deficit = GOLDEN.needKwh - GOLDEN.generationKwh;
  const x = scale.x(GOLDEN.at) + scale.bandWidth / 2;
  return note(`t = ${GOLDEN.at}: −${deficit}`, { x, y: scale.y(-deficit) + 14 });
}

function sumOver(hours: readonly CaseHour[], dep: Dep, of: (hour: DepHour) => bigint): bigint {
  return hours.reduce((total, { deps }) => total + of(deps[dep]), 0n);
}

function positive(amount: bigint): bigint {
  return amount > 0n ? amount : 0n;
}

/** A number that is only painted. */
function kwhOf(energy: bigint): number {
  return Number(energy) / Number(WH_PER_KWH);
}
