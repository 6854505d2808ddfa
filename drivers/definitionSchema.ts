/**
 * What a definition may say: the one schema of the built-in definitions and of an installer's own file. Types,
 * JSON Schema and what a fault suggests come from here; what one field says of another is checked in `definition.ts`.
 */
import * as z from "zod";
import { QUANTITY_NAMES } from "./quantity.ts";

/** Longest read of Modbus. @source Modbus Application Protocol V1.1b3, sections 6.3 and 6.4 */
export const MAX_REGISTERS_OF_MODBUS = 125;
/** Highest number a manual prints for a register: 65536 in the 400001 notation. */
const MAX_PRINTED_ADDRESS = 465_536;
/** More registers than any meter of a household is read for. */
const MAX_REGISTERS = 200;
/** Further registers that are added to or taken off one value: tariffs, phases. */
const MAX_TERMS = 8;
const MAX_TEXT = 300;
/** Texts of a file end up in a terminal. */
const PRINTABLE = /^[^\p{Cc}\p{Cf}]+$/u;
/** Longest text read from a meter, in registers. */
const MAX_TEXT_REGISTERS = 32;

const ID_FORM = "lower-case letters, digits and inner hyphens";
const FACTOR_FORM = "a whole number above 0, or one over a whole number such as 0.1 or 0.001";

const text = (description: string, example: string) =>
  z
    .string()
    .min(1)
    .max(MAX_TEXT)
    .regex(PRINTABLE)
    .meta({ description, form: "a text without control characters", examples: [example] });
const source = () => text("Where this is written: manual, version, page or register number.", "page 12");
const table = z.enum(["input", "holding"]).meta({
  description: "Table it stands in: input is read by function code 4, holding by 3.",
  examples: ["input"],
});
const registerType = z.enum(["u16", "i16", "u32", "i32", "u64", "i64", "f32", "f64"]).meta({
  description: "Encoding: unsigned, signed or floating point, with its bits; 16 bits a register.",
  examples: ["f32"],
});
const address = () =>
  z
    .int()
    .min(0)
    .max(MAX_PRINTED_ADDRESS)
    .meta({ description: "Address; with addressOffset added, as sent on the wire.", examples: [0] });
const absent = z
  .array(z.enum(["all-ones", "greatest", "least", "zero"]))
  .min(1)
  .max(4)
  .meta({
    description:
      "Raw values that mean `not available`: 0xFFFF (all-ones), 0x7FFF (greatest), 0x8000 (least), in the width of the type, or zero.",
    examples: [["all-ones"]],
  });
const readAlone = z.boolean().meta({
  description: "True for a register that has its meaning only when nothing else is read with it.",
});

const registerSchema = z
  .strictObject({
    quantity: z.enum(QUANTITY_NAMES).meta({ description: "What it measures.", examples: ["activePower"] }),
    table: table.optional(),
    address: address(),
    type: registerType.optional(),
    toUnit: z
      .number()
      .positive()
      .max(1_000_000)
      .optional()
      .meta({
        description: "Factor to the quantity's unit (Wh, varh, W, VA, var, V, A, Hz); 1000 from kWh to Wh.",
        form: FACTOR_FORM,
        examples: [1000],
      }),
    absent: absent.optional(),
    positiveIs: z.enum(["import", "export"]).optional().meta({
      description: "What a positive number means, of a quantity with a direction. Default import.",
    }),
    optional: z.enum(["marked", "refused"]).optional().meta({
      description:
        "Where some variants of the meter lack the register: they mark it as absent, or refuse to read it.",
    }),
    plus: z
      .array(address())
      .min(1)
      .max(MAX_TERMS)
      .optional()
      .meta({ description: "Registers of the same kind that are added: tariffs, phases." }),
    minus: z
      .array(address())
      .min(1)
      .max(MAX_TERMS)
      .optional()
      .meta({ description: "Registers of the same kind that are taken off: an unsigned export power." }),
    scaleFactorAt: address().optional().meta({
      description: "Register with the power of ten this one is to be multiplied by, a signed 16-bit number.",
    }),
    source: source().optional(),
  })
  .meta({ description: "One measured value and where it stands." });

const identityShape = {
  table,
  address: address(),
  type: z
    .enum([...registerType.options, "text"])
    .meta({ description: "Encoding: an integer, or text.", examples: ["u32"] }),
  registers: z
    .int()
    .min(1)
    .max(MAX_TEXT_REGISTERS)
    .optional()
    .meta({ description: "Length of a text, in registers.", examples: [8] }),
  characters: z.enum(["two-a-register", "one-a-register"]).optional().meta({
    description: "How a text is packed; one-a-register has it in the low byte. Default two-a-register.",
  }),
  readAlone: readAlone.optional(),
  absent: absent.optional(),
  source: source(),
};

const identificationSchema = z
  .strictObject({
    meterSerial: z
      .strictObject(identityShape)
      .optional()
      .meta({ description: "Register with the serial number." }),
    model: z
      .strictObject({
        ...identityShape,
        matches: z
          .array(
            z
              .strictObject({
                value: z.union([z.int().min(0).max(0xffffffff), z.string().min(1).max(64)]).meta({
                  description: "What the register holds.",
                  form: "a whole number, or a text for a register of type text",
                  examples: [1],
                }),
                name: text("Model it stands for.", "ABC1"),
              })
              .meta({ description: "One code and its model." }),
          )
          .min(1)
          .max(32)
          .meta({ description: "Codes of the models this definition reads." }),
      })
      .optional()
      .meta({ description: "Register with the code of the model." }),
  })
  .meta({ description: "How the meter says what it is." });

const unitId = z
  .int()
  .min(1)
  .max(247)
  .meta({ description: "Modbus unit id from the factory.", examples: [1] });
const serialSchema = z
  .strictObject({
    baudRate: z
      .int()
      .min(300)
      .max(921_600)
      .meta({ description: "Speed.", unit: "baud", examples: [9600] }),
    parity: z.enum(["none", "even", "odd"]).meta({ description: "Parity bit.", examples: ["none"] }),
    dataBits: z.literal([7, 8]).default(8).meta({ description: "Bits of a character." }),
    stopBits: z.literal([1, 2]).default(1).meta({ description: "Stop bits." }),
    unitId: unitId.optional(),
    source: source(),
  })
  .meta({ description: "How the factory sets the RS-485 line; leave it out where that is not known." });
const tcpSchema = z
  .strictObject({
    port: z
      .int()
      .min(1)
      .max(65_535)
      .meta({ description: "TCP port.", examples: [502] }),
    unitId,
    source: source(),
  })
  .meta({ description: "How the factory sets Modbus TCP; leave it out where the meter has none." });
const timingSchema = z
  .strictObject({
    thinkTimeMs: z
      .int()
      .min(0)
      .max(60_000)
      .default(50)
      .meta({ description: "Usual time from the request's end to the answer's start.", unit: "ms" }),
    answerTimeoutMs: z
      .int()
      .min(1)
      .max(60_000)
      .default(1000)
      .meta({ description: "Longest time to the answer; more than the worst think time.", unit: "ms" }),
    gapMs: z
      .int()
      .min(0)
      .max(10_000)
      .default(20)
      .meta({ description: "Silence before the next request to the same meter.", unit: "ms" }),
    source: source().default("defaults of the driver; no source gives times"),
  })
  .meta({ description: "What the meter needs between frames." });

/** A definition as written, by us or by an installer. */
export const meterSchema = z
  .strictObject({
    id: z
      .string()
      .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
      .max(64)
      .meta({
        description: "Identifier, as it stands in the configuration.",
        form: ID_FORM,
        examples: ["maker-model"],
      }),
    maker: text("Who makes it.", "Eastron"),
    model: text("Model, as on the label.", "SDM630-Modbus"),
    status: z.enum(["confirmed", "experimental"]).default("experimental").meta({
      description: "Confirmed where two independent sources agree on the registers.",
    }),
    cautions: z
      .array(text("One sentence.", "Export needs measurement mode B."))
      .max(8)
      .default([])
      .meta({ description: "What whoever fits this meter has to know." }),
    wordOrder: z.enum(["most-significant-first", "least-significant-first"]).meta({
      description: "Which word of a value comes first on the wire.",
      examples: ["most-significant-first"],
    }),
    addressOffset: z.int().min(-400_001).max(0).default(0).meta({
      description: "Added to every address: -1 where the manual counts from 1, -30001 where it prints 30001.",
    }),
    maxRegistersPerRead: z
      .int()
      .min(1)
      .max(MAX_REGISTERS_OF_MODBUS)
      .default(50)
      .meta({ description: "Longest read the meter answers.", unit: "registers" }),
    maxGapRegisters: z.int().min(0).max(MAX_REGISTERS_OF_MODBUS).default(0).meta({
      description: "Longest run of undefined registers a read may span without an exception.",
      unit: "registers",
    }),
    readsInPairs: z.boolean().default(false).meta({
      description: "True where reads must start at an even address and have an even count.",
    }),
    serial: serialSchema.optional(),
    tcp: tcpSchema.optional(),
    timing: timingSchema.prefault({}),
    identification: identificationSchema.prefault({}),
    defaults: z
      .strictObject({
        table: table.optional(),
        type: registerType.optional(),
        source: source().optional(),
        absent: z
          .strictObject({ unsigned: absent.optional(), signed: absent.optional() })
          .optional()
          .meta({ description: "Marks of a missing value, for every integer register." }),
      })
      .prefault({})
      .meta({ description: "What holds for every register that does not say otherwise." }),
    registers: z
      .array(registerSchema)
      .min(1)
      .max(MAX_REGISTERS)
      .meta({ description: "What is measured, one entry a quantity." }),
  })
  .meta({ title: "Meter definition of edso" });

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

/** A definition as written: what has a default may be absent. */
export type MeterDefinitionInput = DeepReadonly<z.input<typeof meterSchema>>;

/** A definition that has its form, with the schema's defaults, not yet checked against itself. */
export type ParsedDefinition = DeepReadonly<z.output<typeof meterSchema>>;

/** One entry of `registers`, as written. */
export type RegisterInput = ParsedDefinition["registers"][number];

/** @returns JSON Schema (2020-12) of a definition file, for editors and for the fixes that a fault suggests */
export function definitionJsonSchema(): object {
  return z.toJSONSchema(meterSchema, { io: "input" });
}
