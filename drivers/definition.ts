/**
 * A meter as data: which quantity stands in which register, in what type and scale, and where that is written.
 * {@link defineMeter} refuses a definition that could not be read safely, ours and an installer's alike.
 */
import { definitionFaults } from "./definitionRules.ts";
import { type MeterDefinitionInput, meterSchema, type ParsedDefinition } from "./definitionSchema.ts";
import { DriverError } from "./driverError.ts";
import {
  completeRegisters,
  type IdentityPlace,
  type MeterRegister,
  type Parity,
  type RegisterPlace,
  termsOf,
  wireAddress,
} from "./register.ts";

/** Watt-hours in a kilowatt-hour: `toUnit` of a register in kWh. */
export const WH_PER_KWH = 1000;
/** Var-hours in a kilovar-hour: `toUnit` of a register in kvarh. */
export const VARH_PER_KVARH = 1000;
/** Watts in a kilowatt: `toUnit` of a register in kW. */
export const W_PER_KW = 1000;

/** How the factory sets the line. */
export type SerialSettings = {
  readonly baudRate: number;
  readonly parity: Parity;
  readonly dataBits: 7 | 8;
  readonly stopBits: 1 | 2;
  /** Undefined where it depends on the single meter. */
  readonly unitId?: number | undefined;
  readonly source: string;
};

/** How the factory sets Modbus TCP. */
export type TcpSettings = { readonly port: number; readonly unitId: number; readonly source: string };

/** What the meter needs between characters on the wire. */
export type MeterTiming = {
  /** Usual time from the request's end to the answer's start. */
  readonly thinkTimeMs: number;
  /** From the request's end; longer than the worst think time. */
  readonly answerTimeoutMs: number;
  /** Silence before the next request to the same meter. */
  readonly gapMs: number;
  readonly source: string;
};

/** Register with the code of the model, and what its codes mean. */
export type ModelPlace = IdentityPlace & {
  readonly matches: readonly { readonly value: number | string; readonly name: string }[];
};

/** Register that must hold a value for the others to mean what they say. */
export type Guard = RegisterPlace & { readonly equals: number };

/** Confirmed where two independent sources agree on the registers, else experimental. */
export type DefinitionStatus = "confirmed" | "experimental";

/** What is known of every kind of meter, whether its registers are fixed or found by walking a chain. */
export type MeterKind = {
  /** Stable identifier, as it stands in the configuration. */
  readonly id: string;
  readonly maker: string;
  readonly model: string;
  /** Maker and model. */
  readonly name: string;
  readonly status: DefinitionStatus;
  /** What whoever fits this meter has to know, one sentence each. */
  readonly cautions: readonly string[];
  /** Longest read the meter answers. */
  readonly maxRegistersPerRead: number;
  /** Null where no source gives the factory's settings, or the meter has no RS-485. */
  readonly serial: SerialSettings | null;
  /** Null where the meter has no Modbus TCP, or no source gives its settings. */
  readonly tcp: TcpSettings | null;
  readonly timing: MeterTiming;
};

/** A kind of meter whose registers stand at fixed addresses. */
export type MeterDefinition = MeterKind & {
  readonly kind: "registers";
  readonly wordOrder: "most-significant-first" | "least-significant-first";
  /** Longest run of undefined registers a read may span without an exception. */
  readonly maxGapRegisters: number;
  /** Reads must start at an even address and have an even count. */
  readonly readsInPairs: boolean;
  readonly identification: {
    readonly meterSerial?: IdentityPlace | undefined;
    readonly model?: ModelPlace | undefined;
  };
  /** Read with every sample; one that differs makes the sample void. */
  readonly guards: readonly Guard[];
  readonly registers: readonly MeterRegister[];
};

/** @param definition a meter @returns every place it names, identification and scale factors included */
export function registerPlaces(definition: MeterDefinition): readonly IdentityPlace[] {
  const { meterSerial, model } = definition.identification;
  const identities = [meterSerial, model].filter((place) => place !== undefined);
  return [...definition.registers.flatMap(termsOf), ...definition.guards, ...identities];
}

/**
 * Checks a definition and completes it, so that a table of definitions holds only readable ones.
 *
 * @param input a meter as data, ours or from a file
 * @returns the definition with its defaults, its registers at their addresses on the wire
 * @throws DriverError `DRIVER_DEFINITION`, `DRIVER_UNKNOWN_QUANTITY`, `DRIVER_OVERLAP`, `DRIVER_READ_TOO_LONG`
 */
export function defineMeter(input: MeterDefinitionInput): MeterDefinition {
  const parsed = meterSchema.safeParse(input);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const isQuantity = issue?.path.at(-1) === "quantity" && issue.code === "invalid_value";
    throw new DriverError(isQuantity ? "DRIVER_UNKNOWN_QUANTITY" : "DRIVER_DEFINITION", {
      meter: String(input.id),
      key: (issue?.path ?? []).join("."),
      what: issue?.message ?? "",
    });
  }
  const [fault] = definitionFaults(parsed.data);
  if (fault !== undefined)
    throw new DriverError(fault.code, {
      meter: parsed.data.id,
      key: fault.path.join("."),
      what: fault.message,
    });
  return completed(parsed.data);
}

function completed(definition: ParsedDefinition): MeterDefinition {
  const { addressOffset: _, defaults: __, serial, tcp, identification, ...rest } = definition;
  const { meterSerial, model } = identification;
  return {
    ...rest,
    kind: "registers",
    name: `${definition.maker} ${definition.model}`,
    serial: serial ?? null,
    tcp: tcp ?? null,
    identification: {
      ...(meterSerial === undefined ? {} : { meterSerial: onWire(definition, meterSerial) }),
      ...(model === undefined ? {} : { model: onWire(definition, model) }),
    },
    guards: [],
    registers: completeRegisters(definition).filter((register) => register !== null),
  };
}

function onWire<Place extends IdentityPlace>(definition: ParsedDefinition, place: Place): Place {
  return { ...place, address: wireAddress(definition, place.address) };
}
