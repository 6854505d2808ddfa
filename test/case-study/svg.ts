/** Writes SVG: elements with attributes and children, everything escaped, the same text for the same input. */

/** An element as text that is already escaped. */
export type Svg = string & { readonly __svg: true };
/** Attributes in the order in which they are written; numbers in user units. */
export type Attributes = Readonly<Record<string, string | number>>;

/** A tenth of a pixel is below what a screen shows. */
const DECIMALS = 1;

/**
 * @param name of the element
 * @param attributes of it
 * @param children in the order in which they are painted
 * @returns one line for an element without elements in it, otherwise one line for each
 */
export function element(name: string, attributes: Attributes = {}, children: readonly Svg[] = []): Svg {
  const open = [name, ...Object.entries(attributes).map(([key, value]) => `${key}="${attributeOf(value)}"`)];
  if (children.length === 0) return `<${open.join(" ")}/>` as Svg;
  return `<${open.join(" ")}>\n${children.join("\n")}\n</${name}>` as Svg;
}

/** @param name of the element @param attributes of it @param content any text @returns the element around it, in one line */
export function textElement(name: string, attributes: Attributes, content: string): Svg {
  const open = [name, ...Object.entries(attributes).map(([key, value]) => `${key}="${attributeOf(value)}"`)];
  return `<${open.join(" ")}>${escaped(content)}</${name}>` as Svg;
}

/** @param root the outermost element @returns the file */
export function svgFile(root: Svg): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`;
}

/** @param value in user units @returns it as it is written, without needless digits */
export function coordinate(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`no coordinate: ${value}`);
  return String(Number(value.toFixed(DECIMALS)));
}

function attributeOf(value: string | number): string {
  return typeof value === "number" ? coordinate(value) : escaped(value);
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
