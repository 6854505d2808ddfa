/**
 * Every local setting once: type, default, unit, range and what it is for. What must be equal on every
 * gateway stands in the genesis, not here. The JSON Schema, the comments of a generated file and the fixes
 * that a fault suggests all come from this file.
 */
import * as z from "zod";
import { ORDER_KINDS } from "../core/market/curtail.ts";
import { MEMBER_NAME, METER_ROLES, METER_SERIAL } from "../core/membership/enrolment.ts";
import { isLineAddress, LINE_ADDRESS_FORM } from "./lineAddress.ts";

/** Baud rates of RS-485 meters; 9600 is where most leave the factory. */
const BAUD_RATES = [1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200] as const;
const LISTEN = /^\/(ip4|ip6)\/([^/]+)\/tcp\/(\d{1,5})$/;
const MAX_PORT = 65_535;
const MAX_PATH_CHARACTERS = 4096;

const path = () => z.string().min(1).max(MAX_PATH_CHARACTERS);
const NAME_FORM = "lower-case letters, digits and inner hyphens, 1 to 32 characters";
const LISTEN_FORM = "a multiaddress such as /ip4/0.0.0.0/tcp/4001 or /ip6/::/tcp/4001";
const SERIAL_FORM = "1 to 32 printable characters without a space, in quotes";
const DEFINITION_FORM = "an identifier that `edso meter list` names, or a file that ends in .yaml";
/** Identifiers of the actuators that the drivers know. */
export const ACTUATOR_KINDS = ["relay-coil", "sunspec-model-123"] as const;
const DEFINITION_FILE = /\.ya?ml$/;

const meterSchema = z
  .strictObject({
    role: z.enum(METER_ROLES).meta({
      description: "What it measures; grid is the household's connection.",
    }),
    definition: z
      .string()
      .max(MAX_PATH_CHARACTERS)
      .regex(/^([a-z0-9]+(-[a-z0-9]+)*|.+\.ya?ml)$/)
      .meta({
        description: "Kind of meter; `edso meter list` names them, a YAML file may describe another.",
        form: DEFINITION_FORM,
        examples: ["eastron-sdm120"],
      }),
    unitId: z
      .int()
      .min(1)
      .max(247)
      .meta({ description: "Modbus unit id, as set on the meter.", examples: [1] }),
    serial: z
      .string()
      .regex(METER_SERIAL)
      .meta({
        description: "Serial number, as enrolled.",
        form: SERIAL_FORM,
        examples: ["20239784"],
      }),
    invert: z.boolean().default(false).meta({
      description: "True for a meter that is wired the other way round: swaps import and export.",
    }),
    timeoutMs: z
      .int()
      .min(50)
      .max(30_000)
      .default(1000)
      .meta({ description: "Longest wait for one answer.", unit: "ms" }),
  })
  .meta({ description: "One meter of this gateway." });

const actuatorSchema = z
  .strictObject({
    definition: z.enum(ACTUATOR_KINDS).meta({
      description: "Kind of actuator; sunspec-model-123 is the power limit of an inverter.",
    }),
    unitId: z
      .int()
      .min(1)
      .max(247)
      .meta({ description: "Modbus unit id, as set on the device; it may be a meter's.", examples: [3] }),
    limits: z.enum(ORDER_KINDS).meta({
      description: "What it limits: loads of the household, or its generation.",
    }),
    ratedW: z
      .int()
      .min(1)
      .max(1_000_000)
      .meta({
        description: "Power of what it limits, when nothing is limited.",
        unit: "W",
        examples: [8000],
      }),
    coil: z
      .int()
      .min(0)
      .max(65_535)
      .default(0)
      .meta({ description: "Which relay of a board, from 0; means nothing for other kinds." }),
  })
  .meta({ description: "One actuator on this line, to obey curtailment orders with." });

const lineSchema = z
  .strictObject({
    port: path()
      .refine(isLineAddress)
      .meta({
        description:
          "Serial device, best below /dev/serial/by-id; or a Modbus TCP server; or a server that passes RTU through TCP.",
        form: LINE_ADDRESS_FORM,
        examples: ["/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0"],
      }),
    baudRate: z
      .literal(BAUD_RATES)
      .default(9600)
      .meta({ description: "Speed, as set on every meter of the line.", unit: "baud" }),
    parity: z
      .enum(["none", "even", "odd"])
      .default("none")
      .meta({ description: "Parity, as set on every meter of the line." }),
    stopBits: z
      .literal([1, 2])
      .default(1)
      .meta({ description: "Stop bits, as set on every meter of the line." }),
    rs485: z.enum(["adapter", "kernel-rts-high", "kernel-rts-low"]).default("adapter").meta({
      description:
        "Who switches between sending and listening: the adapter itself, or the kernel by RTS, high or low while sending.",
    }),
    unitChangeGapMs: z
      .int()
      .min(0)
      .max(5000)
      .default(200)
      .meta({ description: "Silence before a request to another meter than the last.", unit: "ms" }),
    meters: z.array(meterSchema).min(1).max(4).meta({ description: "Meters on this line." }),
    actuators: z.array(actuatorSchema).max(4).default([]).meta({
      description: "Relays and inverters on this line that obey curtailment orders.",
    }),
  })
  .meta({ description: "One RS-485 line." });

/** The whole file. */
export const configSchema = z.strictObject({
  name: z
    .string()
    .regex(MEMBER_NAME)
    .meta({
      description: "Name of this gateway; must equal the enrolled name.",
      form: NAME_FORM,
      examples: ["dep1"],
    }),
  dataDirectory: path().meta({
    description: "Where keys, ledger and outbox are kept.",
    examples: ["/var/lib/edso"],
  }),
  genesisFile: path()
    .default("genesis.cbor")
    .meta({ description: "Genesis of the microgrid, as signed by its GridAdmin." }),
  listen: z
    .array(z.string().refine(isListenAddress).meta({ form: LISTEN_FORM }))
    .min(1)
    .max(8)
    .default(["/ip4/0.0.0.0/tcp/4001"])
    .meta({
      description: "Multiaddresses on which the other gateways reach this one.",
      examples: [["/ip4/0.0.0.0/tcp/4001"]],
    }),
  api: z
    .strictObject({
      socket: path()
        .optional()
        .meta({
          description: "Unix socket of the local API; by default agent.sock in dataDirectory.",
          examples: ["/run/edso/agent.sock"],
        }),
    })
    .prefault({})
    .meta({ description: "Local API for the command line." }),
  clock: z
    .strictObject({
      trust: z.enum(["ntp", "assume"]).default("ntp").meta({
        description: "When readings may be signed: once NTP has set the clock, or always (tests, demo).",
      }),
    })
    .prefault({})
    .meta({ description: "Wall clock." }),
  profile: z
    .strictObject({
      everySeconds: z.int().min(0).max(3_600).default(10).meta({
        description: "How often the meters are looked at between the boundaries; 0 keeps no profile.",
        unit: "s",
      }),
      keepDays: z
        .int()
        .min(1)
        .max(400)
        .default(35)
        .meta({ description: "How long the profile is kept.", unit: "days" }),
      maxMebibytes: z.int().min(16).max(4_096).default(64).meta({
        description: "Most room that the profile takes; the oldest days go first.",
        unit: "MiB",
      }),
    })
    .prefault({})
    .meta({ description: "Fine-grained profile: kept on this gateway only, for the household's own eyes." }),
  log: z
    .strictObject({
      level: z
        .enum(["debug", "info", "warn", "error"])
        .default("info")
        .meta({ description: "Least severity that is logged." }),
    })
    .prefault({})
    .meta({ description: "Event log on stdout." }),
  lines: z.array(lineSchema).min(1).max(8).meta({ description: "RS-485 lines and the meters on them." }),
});

const ROOT = configJsonSchema();

/** Settings as written in a file: what has a default may be absent. */
export type ConfigInput = z.input<typeof configSchema>;

/** Settings with their defaults, before paths are resolved. */
export type ParsedConfig = z.output<typeof configSchema>;

/** One RS-485 line. */
export type LineConfig = DeepReadonly<z.output<typeof lineSchema>>;

/** One meter. */
export type MeterConfig = DeepReadonly<z.output<typeof meterSchema>>;

/** One actuator. */
export type ActuatorConfig = DeepReadonly<z.output<typeof actuatorSchema>>;

/** Every setting of a gateway; paths are absolute. */
export type Config = DeepReadonly<Omit<ParsedConfig, "api">> & {
  readonly api: { readonly socket: string };
};

/** The part of JSON Schema that describes one setting. */
export type SettingSchema = {
  readonly type?: string;
  readonly description?: string;
  readonly unit?: string;
  /** What a text must look like, for people. */
  readonly form?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly (string | number)[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, SettingSchema>>;
  readonly required?: readonly string[];
  readonly items?: SettingSchema;
};

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

/** @param definition of a meter as configured @returns true when it names a file, not one of the kinds there are */
export function isDefinitionFile(definition: string): boolean {
  return DEFINITION_FILE.test(definition);
}

/** @returns JSON Schema (2020-12) of the file, for editors and for {@link settingAt} */
export function configJsonSchema(): SettingSchema {
  const schema = z.toJSONSchema(configSchema, { io: "input" });
  return { ...schema, title: "Configuration of an edso gateway" } as SettingSchema;
}

/** @param path keys and indexes from the root @returns what is known of that setting, or undefined */
export function settingAt(path: readonly PropertyKey[]): SettingSchema | undefined {
  return settingIn(ROOT, path);
}

/** @param root a JSON Schema @param path keys and indexes from it @returns what is known of that setting, or undefined */
export function settingIn(root: SettingSchema, path: readonly PropertyKey[]): SettingSchema | undefined {
  let found: SettingSchema | undefined = root;
  for (const step of path) {
    found = typeof step === "number" ? found?.items : found?.properties?.[String(step)];
  }
  return found;
}

function isListenAddress(text: string): boolean {
  const [, family, host = "", port] = LISTEN.exec(text) ?? [];
  const address = family === "ip4" ? z.ipv4() : z.ipv6();
  return address.safeParse(host).success && Number(port) <= MAX_PORT;
}
