/** Module hook: whoever imports "uvu" gets countedUvu.ts, except countedUvu.ts itself. */
const countedUvu = new URL("./countedUvu.ts", import.meta.url).href;

/** @param {string} specifier @param {{ parentURL?: string }} context @param {Function} next */
export function resolve(specifier, context, next) {
  const parent = context.parentURL?.split("?")[0];
  return next(specifier === "uvu" && parent !== countedUvu ? countedUvu : specifier, context);
}
