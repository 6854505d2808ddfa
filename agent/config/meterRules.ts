/**
 * Rules between the settings of lines and meters. They look at the value before the schema has accepted it,
 * so that one wrong setting does not hide another; what has not the right form is left to the schema.
 */
import { isRoleSet, METER_ROLES, type MeterRole, ROLE_SETS } from "../core/membership/enrolment.ts";
import { type ConfigFault, type ConfigFaultCode, keyOf } from "./configError.ts";
import { nearest } from "./nearest.ts";
import { isDefinitionFile } from "./schema.ts";
import type { ConfigSource } from "./source.ts";

/** What is known of meter definitions. */
export type DefinitionRules = {
  /** Identifiers of the known kinds of meter, or undefined when they are not to be checked. */
  readonly known: readonly string[] | undefined;
  /** Why a file, named as in the configuration, holds no definition; undefined when it does. */
  readonly faultOfFile?: (name: string) => string | undefined;
};

type Path = readonly PropertyKey[];
type Placed = { readonly path: Path; readonly value: unknown };
type Finding = {
  readonly path: Path;
  readonly code: ConfigFaultCode;
  readonly message: string;
  readonly fix: string;
};

/**
 * @param value of the file with the environment, not yet parsed
 * @param source positions of the file
 * @param definitions what is known of them
 * @returns every contradiction
 */
export function faultsOfMeters(
  value: unknown,
  source: ConfigSource,
  definitions: DefinitionRules,
): readonly ConfigFault[] {
  const lines = entries(field(value, "lines"), ["lines"]);
  const metersByLine = lines.map((line) => entries(field(line.value, "meters"), [...line.path, "meters"]));
  const meters = metersByLine.flat();
  const findings = [
    ...sharedPorts(lines),
    ...metersByLine.flatMap(sharedUnitIds),
    ...lines.flatMap(sharedActuators),
    ...sharedSerials(meters),
    ...(definitions.known === undefined ? [] : unknownDefinitions(meters, definitions.known)),
    ...definitionFiles(meters, definitions),
    ...contradictoryRoles(meters),
  ];
  return findings.map(({ path, code, message, fix }) => ({
    ...source.positionOf(path),
    key: keyOf(path),
    code,
    message,
    fix,
  }));
}

function sharedPorts(lines: readonly Placed[]): readonly Finding[] {
  return repeated(lines, "port").map(({ path, value }) => ({
    path,
    code: "CONFIG_DUPLICATE_PORT",
    message: `another line has the port ${value}, too`,
    fix: "list all meters of a port under one line",
  }));
}

function sharedUnitIds(metersOfLine: readonly Placed[]): readonly Finding[] {
  return repeated(metersOfLine, "unitId").map(({ path, value }) => ({
    path,
    code: "CONFIG_DUPLICATE_UNIT",
    message: `another meter of this line has unit id ${value}, too`,
    fix: "give each meter of a line its own unit id, here and on the meter",
  }));
}

/** An actuator may have a meter's unit id, as an inverter does; not another actuator's, but for relays of one board. */
function sharedActuators(line: Placed): readonly Finding[] {
  const placed = entries(field(line.value, "actuators"), [...line.path, "actuators"]);
  const named = placed.map(({ path, value }) => {
    const [definition, unitId, coil = 0] = ["definition", "unitId", "coil"].map((key) => field(value, key));
    return { path, value: { unitId: `${definition}/${unitId}/${coil}` } };
  });
  return repeated(named, "unitId").map(({ path }) => ({
    path,
    code: "CONFIG_DUPLICATE_UNIT",
    message: "another actuator of this line is the same device",
    fix: "list each device once; give relays of one board a coil each",
  }));
}

function sharedSerials(meters: readonly Placed[]): readonly Finding[] {
  return repeated(meters, "serial").map(({ path, value }) => ({
    path,
    code: "CONFIG_DUPLICATE_SERIAL",
    message: `another meter has the serial number ${value}, too`,
    fix: "write the number on this meter's label",
  }));
}

function unknownDefinitions(meters: readonly Placed[], known: readonly string[]): readonly Finding[] {
  return meters
    .map((meter) => ({
      path: [...meter.path, "definition"],
      id: String(field(meter.value, "definition") ?? known[0]),
    }))
    .filter(({ id }) => !known.includes(id) && !isDefinitionFile(id))
    .map(({ path, id }) => ({
      path,
      code: "CONFIG_UNKNOWN_DEFINITION",
      message: `there is no meter definition ${id}`,
      fix: `write ${nearest(id, known) ?? `one of ${known.join(", ")}`}`,
    }));
}

function definitionFiles(meters: readonly Placed[], { faultOfFile }: DefinitionRules): readonly Finding[] {
  if (faultOfFile === undefined) return [];
  return meters.flatMap((meter) => {
    const name = field(meter.value, "definition");
    if (typeof name !== "string" || !isDefinitionFile(name)) return [];
    const why = faultOfFile(name);
    if (why === undefined) return [];
    return [
      {
        path: [...meter.path, "definition"],
        code: "CONFIG_DEFINITION_FILE",
        message: `the meter definition ${name} cannot be used: ${why}`,
        fix: `run \`edso meter validate ${name}\` and mend what it names`,
      },
    ];
  });
}

/** Only when every role is one: a role that is none is a fault of its own. */
function contradictoryRoles(meters: readonly Placed[]): readonly Finding[] {
  const roles = meters.map((meter) => field(meter.value, "role"));
  if (roles.length === 0 || !roles.every(isRole) || isRoleSet(roles)) return [];
  return [
    {
      path: ["lines"],
      code: "CONFIG_ROLES",
      message: `meters with the roles ${roles.join(" + ")} do not determine generation and consumption`,
      fix: `use one of: ${ROLE_SETS.map((set) => set.join(" + ")).join("; ")}`,
    },
  ];
}

/** Every holder of a value that one before it holds. */
function repeated(holders: readonly Placed[], key: string): readonly Placed[] {
  const seen = new Set<unknown>();
  return holders
    .map((holder) => ({ path: [...holder.path, key], value: field(holder.value, key) }))
    .filter(({ value }) => {
      if (typeof value !== "string" && typeof value !== "number") return false;
      if (seen.has(value)) return true;
      seen.add(value);
      return false;
    });
}

function isRole(value: unknown): value is MeterRole {
  return METER_ROLES.some((role) => role === value);
}

function entries(value: unknown, path: Path): readonly Placed[] {
  return Array.isArray(value) ? value.map((entry, index) => ({ path: [...path, index], value: entry })) : [];
}

function field(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}
