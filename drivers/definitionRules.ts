/** What one field of a definition says of another: places that can be read, values that can be told apart, sources. */
import type { ParsedDefinition } from "./definitionSchema.ts";
import type { DriverErrorCode } from "./driverError.ts";
import { quantityFacts } from "./quantity.ts";
import {
  completeRegisters,
  type IdentityPlace,
  type MeterRegister,
  placeCount,
  type RegisterPlace,
  termsOf,
  wireAddress,
} from "./register.ts";

const ADDRESS_SPACE = 0x10000;
/** What is settled on; a meter without either is of no use here. */
const SETTLED_ENERGY: readonly string[] = ["activeEnergyImport", "activeEnergyExport"];

/** One thing that is wrong with a definition, and where. */
export type DefinitionFault = {
  /** Keys and indexes from the root. */
  readonly path: readonly PropertyKey[];
  readonly code: Extract<
    DriverErrorCode,
    "DRIVER_DEFINITION" | "DRIVER_UNKNOWN_QUANTITY" | "DRIVER_OVERLAP" | "DRIVER_READ_TOO_LONG"
  >;
  readonly message: string;
  readonly fix: string;
};

type Path = readonly PropertyKey[];
type Placed<Place> = { readonly path: Path; readonly place: Place };

/**
 * @param definition that has its form
 * @returns everything that would make it unreadable or untrustworthy, in the order of the definition
 */
export function definitionFaults(definition: ParsedDefinition): readonly DefinitionFault[] {
  const registers = completeRegisters(definition);
  const complete = registers.flatMap((place, index) =>
    place === null ? [] : [{ path: ["registers", index], place }],
  );
  const identities = identityPlaces(definition);
  return [
    ...limitFaults(definition),
    ...identities.flatMap((entry) => identityFaults(definition, entry)),
    ...registers.flatMap((place, index) => (place === null ? incompleteFaults(definition, index) : [])),
    ...complete.flatMap((entry) => registerFaults(definition, entry)),
    ...repeatedFaults(complete),
    ...overlapFaults(complete, identities),
    ...settledFaults(definition),
  ];
}

function limitFaults({ readsInPairs, maxRegistersPerRead, timing }: ParsedDefinition) {
  const faults: DefinitionFault[] = [];
  if (readsInPairs && maxRegistersPerRead < 2)
    faults.push(fault(["maxRegistersPerRead"], "is 1, yet reads go in pairs", "write 2 or more"));
  if (timing.thinkTimeMs > timing.answerTimeoutMs)
    faults.push(
      fault(["timing"], "waits less than the meter thinks", "set answerTimeoutMs above thinkTimeMs"),
    );
  return faults;
}

function identityPlaces(definition: ParsedDefinition): readonly Placed<IdentityPlace>[] {
  const { meterSerial, model } = definition.identification;
  const onWire = <Place extends IdentityPlace>(place: Place) => ({
    ...place,
    address: wireAddress(definition, place.address),
  });
  return [
    ...(meterSerial === undefined
      ? []
      : [{ path: ["identification", "meterSerial"], place: onWire(meterSerial) }]),
    ...(model === undefined ? [] : [{ path: ["identification", "model"], place: onWire(model) }]),
  ];
}

function identityFaults(definition: ParsedDefinition, { path, place }: Placed<IdentityPlace>) {
  const faults: DefinitionFault[] = [];
  const isText = place.type === "text";
  if (place.type.startsWith("f"))
    faults.push(fault([...path, "type"], "is a floating point number", "write an integer type, or text"));
  if (isText !== (place.registers !== undefined))
    faults.push(
      isText
        ? fault(path, "is a text without a length", "add registers, how many the text takes")
        : fault([...path, "registers"], "gives a length to a number", "remove registers"),
    );
  const { model } = definition.identification;
  for (const [index, { value }] of (path.at(-1) === "model" ? (model?.matches ?? []) : []).entries())
    if ((typeof value === "string") !== isText)
      faults.push(
        fault(
          [...path, "matches", index, "value"],
          `is ${typeof value === "string" ? "a text" : "a number"}, the register is not`,
          isText ? "put the value in quotes" : "write the number without quotes",
        ),
      );
  return [...faults, ...reachFaults(definition, path, place.address, placeCount(place))];
}

function incompleteFaults(definition: ParsedDefinition, index: number): readonly DefinitionFault[] {
  const { defaults } = definition;
  const register = definition.registers[index];
  return (["table", "type", "source"] as const)
    .filter((key) => register?.[key] === undefined && defaults[key] === undefined)
    .map((key) => fault(["registers", index], `has no ${key}`, `add ${key} here or under defaults`));
}

function registerFaults(definition: ParsedDefinition, { path, place }: Placed<MeterRegister>) {
  const { kind } = quantityFacts(place.quantity);
  const isFloat = place.type.startsWith("f");
  const faults: DefinitionFault[] = [];
  if (!isExactFactor(place.toUnit ?? 1))
    faults.push(
      fault(
        [...path, "toUnit"],
        "is neither a whole number nor one over one",
        "write a number such as 1000, 10, 0.1 or 0.001",
      ),
    );
  if (place.positiveIs === "export" && kind !== "directed")
    faults.push(fault([...path, "positiveIs"], `has no meaning for ${place.quantity}`, "remove it"));
  if (place.minus !== undefined && kind === "cumulative")
    faults.push(fault([...path, "minus"], "would let a counter fall", "remove it"));
  if (isFloat && place.absent !== undefined)
    faults.push(fault([...path, "absent"], "is for integers; NaN is absent by itself", "remove it"));
  if (isFloat && place.scaleFactorAt !== undefined)
    faults.push(fault([...path, "scaleFactorAt"], "is for integers", "remove it"));
  return [
    ...faults,
    ...spansOf(place).flatMap(({ start, end }) => reachFaults(definition, path, start, end - start)),
  ];
}

/** What has to come in one read: a value alone, or with everything its scale factor scales. */
function spansOf(register: MeterRegister): readonly { start: number; end: number }[] {
  const spans = termsOf(register).map(({ address, type }) => ({
    start: address,
    end: address + placeCount({ ...register, type }),
  }));
  if (register.scaleFactorAt === undefined) return spans;
  return [
    { start: Math.min(...spans.map(({ start }) => start)), end: Math.max(...spans.map(({ end }) => end)) },
  ];
}

function reachFaults(definition: ParsedDefinition, path: Path, address: number, count: number) {
  if (address < 0 || address + count > ADDRESS_SPACE)
    return [
      fault([...path, "address"], `is ${address} on the wire`, "mend it, or addressOffset: 0 to 65535"),
    ];
  const start = definition.readsInPairs ? address - (address % 2) : address;
  const odd = definition.readsInPairs ? (address + count) % 2 : 0;
  const needed = address + count + odd - start;
  if (needed <= definition.maxRegistersPerRead) return [];
  const message = `needs a read of ${needed} registers, and the meter answers ${definition.maxRegistersPerRead}`;
  return [{ ...fault(path, message, "mend maxRegistersPerRead"), code: "DRIVER_READ_TOO_LONG" as const }];
}

function repeatedFaults(registers: readonly Placed<MeterRegister>[]): readonly DefinitionFault[] {
  const seen = new Set<string>();
  return registers.flatMap(({ path, place }) => {
    const isRepeated = seen.has(place.quantity);
    seen.add(place.quantity);
    if (!isRepeated) return [];
    return [fault([...path, "quantity"], `${place.quantity} is measured twice`, "keep one of the two")];
  });
}

/** A scale factor may serve many values; what is read alone has its own meaning at its address. */
function overlapFaults(
  registers: readonly Placed<MeterRegister>[],
  identities: readonly Placed<IdentityPlace>[],
): readonly DefinitionFault[] {
  const values = registers.flatMap(({ path, place }) =>
    termsOf({ ...place, scaleFactorAt: undefined }).map((term) => ({ path, place: term })),
  );
  const scales = registers.flatMap(({ path, place }) =>
    place.scaleFactorAt === undefined
      ? []
      : termsOf(place)
          .slice(-1)
          .map((scale) => ({ path, place: scale })),
  );
  const shared = new Map(scales.map((entry) => [`${entry.place.table} ${entry.place.address}`, entry]));
  const places: readonly Placed<IdentityPlace | RegisterPlace>[] = [
    ...values,
    ...shared.values(),
    ...identities.filter(({ place }) => place.readAlone !== true),
  ];
  return (["input", "holding"] as const).flatMap((table) => {
    let end = 0;
    return places
      .filter(({ place }) => place.table === table)
      .sort((left, right) => left.place.address - right.place.address)
      .flatMap(({ path, place }) => {
        const isOver = place.address < end;
        end = Math.max(end, place.address + placeCount(place));
        if (!isOver) return [];
        const message = `at ${place.address} of the ${table} table stands another value, too`;
        return [{ ...fault(path, message, "mend the address or the type"), code: "DRIVER_OVERLAP" as const }];
      });
  });
}

function settledFaults(definition: ParsedDefinition): readonly DefinitionFault[] {
  if (definition.registers.some(({ quantity }) => SETTLED_ENERGY.includes(quantity))) return [];
  return [fault(["registers"], "hold no energy that is settled on", `add ${SETTLED_ENERGY.join(" or ")}`)];
}

function isExactFactor(toUnit: number): boolean {
  const whole = toUnit >= 1 ? toUnit : 1 / toUnit;
  return Number.isFinite(whole) && whole > 0 && Math.abs(whole - Math.round(whole)) < whole * 1e-12;
}

function fault(path: Path, message: string, fix: string): DefinitionFault {
  return { path, code: "DRIVER_DEFINITION", message, fix };
}
