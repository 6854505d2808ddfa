/** A chart over the hours of the case study: frame, axes with units, legend; light and dark as the reader's screen is. */
import { type Attributes, coordinate, element, type Svg, svgFile, textElement } from "./svg.ts";

/** What a chart shows beside its marks. */
export type ChartText = {
  readonly title: string;
  /** Below the title: whose chart it is. */
  readonly subtitle: string;
  /** For who does not see it. */
  readonly description: string;
};

/** The vertical axis, in kWh. */
export type EnergyAxis = { readonly min: number; readonly max: number; readonly step: number };

/** A kind of mark: how it looks and what it means. */
export type LegendEntry = {
  readonly className: string;
  readonly shape: "bar" | "line";
  readonly text: string;
};

/** Where an hour and an energy are on the sheet. */
export type Scale = {
  /** Width of an hour. */
  readonly bandWidth: number;
  /** @param t an hour, from 1 @returns its left edge */
  readonly x: (t: number) => number;
  /** @param kwh energy @returns its height on the sheet, downwards */
  readonly y: (kwh: number) => number;
};

const WIDTH = 800;
const HEIGHT = 340;
const PLOT = { left: 62, right: WIDTH - 16, top: 92, bottom: HEIGHT - 50 } as const;
/** Every hour is labelled when there is room for two digits. */
const LEAST_LABEL_WIDTH = 22;
const LEGEND = { y: 72, markWidth: 22, gap: 6, between: 22, letterWidth: 6.4 } as const;

/** Colours that stay apart for colour-blind eyes; meaning is never carried by colour alone. @source after Okabe and Ito, 2008 */
const STYLE = `
svg { color-scheme: light dark; font-family: system-ui, sans-serif; font-size: 12px; }
.paper { fill: #ffffff; }
text { fill: #24292f; }
.title { font-size: 16px; font-weight: 600; }
.address { font-family: ui-monospace, monospace; font-size: 10.5px; fill: #57606a; }
.grid { stroke: #d8dee4; stroke-width: 1; }
.zero { stroke: #24292f; stroke-width: 1.2; }
.generation { fill: #56b4e9; }
.consumption { fill: none; stroke: #c04a00; stroke-width: 2.4; }
.unserved { fill: none; stroke: #c04a00; stroke-width: 1.4; stroke-dasharray: 3 2; }
.before { fill: none; stroke: #57606a; stroke-width: 1.4; }
.surplus { fill: #009e73; }
.lack { fill: #c04a00; }
.note { font-size: 11px; paint-order: stroke; stroke: #ffffff; stroke-width: 4px; }
@media (prefers-color-scheme: dark) {
.paper { fill: #0d1117; }
text { fill: #e6edf3; }
.address { fill: #9da7b3; }
.grid { stroke: #30363d; }
.zero { stroke: #e6edf3; }
.generation { fill: #2f81b7; }
.consumption, .unserved { stroke: #f0a050; }
.before { stroke: #b1bac4; }
.surplus { fill: #2bb58a; }
.lack { fill: #f0a050; }
.note { stroke: #0d1117; }
}
`;

/** @param hours how many @param axis of the energy @returns where they are */
export function scaleOf(hours: number, axis: EnergyAxis): Scale {
  const bandWidth = (PLOT.right - PLOT.left) / hours;
  const perKwh = (PLOT.bottom - PLOT.top) / (axis.max - axis.min);
  return {
    bandWidth,
    x: (t) => PLOT.left + (t - 1) * bandWidth,
    y: (kwh) => PLOT.bottom - (kwh - axis.min) * perKwh,
  };
}

/**
 * @param words title, subtitle, description
 * @param hours how many
 * @param axis of the energy
 * @param legend kinds of marks
 * @param marks painted over the grid
 * @returns the SVG file
 */
export function chartFile(
  words: ChartText,
  hours: number,
  axis: EnergyAxis,
  legend: readonly LegendEntry[],
  marks: readonly Svg[],
): string {
  const scale = scaleOf(hours, axis);
  const box = { width: WIDTH, height: HEIGHT, viewBox: `0 0 ${WIDTH} ${HEIGHT}` };
  const root = { xmlns: "http://www.w3.org/2000/svg", ...box, role: "img", "aria-labelledby": "title desc" };
  return svgFile(
    element("svg", root, [
      textElement("title", { id: "title" }, `${words.title}, ${words.subtitle}`),
      textElement("desc", { id: "desc" }, words.description),
      textElement("style", {}, STYLE),
      element("rect", { class: "paper", width: WIDTH, height: HEIGHT }),
      textElement("text", { class: "title", x: 16, y: 26 }, words.title),
      textElement("text", { class: "address", x: 16, y: 45 }, words.subtitle),
      ...legendOf(legend),
      ...energyAxis(axis, scale),
      ...marks,
      line("zero", PLOT.left, PLOT.right, scale.y(0)),
      ...hourAxis(hours, scale),
    ]),
  );
}

/** @param className of its look @param box left, width, and the two energies it reaches between, already on the sheet @returns a bar */
export function bar(
  className: string,
  box: { readonly x: number; readonly width: number; readonly from: number; readonly to: number },
): Svg {
  const top = Math.min(box.from, box.to);
  const place = { x: box.x, y: top, width: box.width, height: Math.abs(box.from - box.to) };
  return element("rect", { class: className, ...place });
}

/** @param className of its look @param from left @param to right @param y height on the sheet @returns a level line */
export function line(className: string, from: number, to: number, y: number): Svg {
  return element("line", { class: className, x1: from, y1: y, x2: to, y2: y });
}

/** @param className of its look @param points on the sheet, in order @returns a line through them */
export function polyline(className: string, points: readonly (readonly [number, number])[]): Svg {
  const text = points.map(([x, y]) => `${coordinate(x)},${coordinate(y)}`).join(" ");
  return element("polyline", { class: className, points: text });
}

/** @param words of the note @param at its middle and its base line @returns text over a mark */
export function note(words: string, at: { readonly x: number; readonly y: number }): Svg {
  return label(words, { class: "note", ...at }, "middle");
}

function energyAxis(axis: EnergyAxis, scale: Scale): readonly Svg[] {
  const ticks: Svg[] = [];
  for (let kwh = axis.min; kwh <= axis.max; kwh += axis.step) {
    const y = scale.y(kwh);
    ticks.push(line("grid", PLOT.left, PLOT.right, y));
    ticks.push(label(signed(kwh, axis), { x: PLOT.left - 8, y: y + 4 }, "end"));
  }
  const middle = (PLOT.top + PLOT.bottom) / 2;
  const turned = { x: 18, y: middle, transform: `rotate(-90 18 ${coordinate(middle)})` };
  return [...ticks, label("energy per hour, kWh", turned, "middle")];
}

/** An axis that goes below zero shows on which side a number is. */
function signed(kwh: number, { min }: EnergyAxis): string {
  if (kwh < 0) return `−${-kwh}`;
  return min < 0 && kwh > 0 ? `+${kwh}` : `${kwh}`;
}

function hourAxis(hours: number, scale: Scale): readonly Svg[] {
  const every = Math.ceil(LEAST_LABEL_WIDTH / scale.bandWidth);
  const labels: Svg[] = [];
  for (let t = 1; t <= hours; t += every)
    labels.push(label(`${t}`, { x: scale.x(t) + scale.bandWidth / 2, y: PLOT.bottom + 18 }, "middle"));
  const middle = (PLOT.left + PLOT.right) / 2;
  return [...labels, label("interval t (one hour each)", { x: middle, y: HEIGHT - 12 }, "middle")];
}

function legendOf(entries: readonly LegendEntry[]): readonly Svg[] {
  let x: number = PLOT.left;
  return entries.flatMap(({ className, shape, text }) => {
    const mark =
      shape === "bar"
        ? bar(className, { x, width: LEGEND.markWidth, from: LEGEND.y - 10, to: LEGEND.y })
        : line(className, x, x + LEGEND.markWidth, LEGEND.y - 5);
    const textX = x + LEGEND.markWidth + LEGEND.gap;
    x = textX + text.length * LEGEND.letterWidth + LEGEND.between;
    return [mark, textElement("text", { x: textX, y: LEGEND.y }, text)];
  });
}

function label(words: string, attributes: Attributes, anchor: "middle" | "end"): Svg {
  return textElement("text", { ...attributes, "text-anchor": anchor }, words);
}
