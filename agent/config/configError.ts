/** What is wrong with a configuration, or with a meter definition or a policy in a file of its own: one error, every fault. */
import { AgentError } from "../core/errors.ts";

/** Codes of {@link ConfigError}. */
export type ConfigErrorCode =
  /** There is no such file. */
  | "CONFIG_MISSING"
  /** The file cannot be read. */
  | "CONFIG_UNREADABLE"
  /** The file is longer than {@link MAX_CONFIG_BYTES}. */
  | "CONFIG_TOO_LARGE"
  /** The file is not YAML. */
  | "CONFIG_SYNTAX"
  /** A setting is missing, unknown, of the wrong form, or contradicts another. */
  | "CONFIG_INVALID"
  /** The same of a file with a meter definition. */
  | "DEFINITION_MISSING"
  | "DEFINITION_UNREADABLE"
  | "DEFINITION_TOO_LARGE"
  | "DEFINITION_SYNTAX"
  | "DEFINITION_INVALID"
  /** The same of a file with a policy. */
  | "POLICY_FILE_MISSING"
  | "POLICY_FILE_UNREADABLE"
  | "POLICY_FILE_TOO_LARGE"
  | "POLICY_FILE_SYNTAX"
  | "POLICY_FILE_INVALID";

/** Codes of what one field of a meter definition says of another; the driver's own. */
export type DefinitionFaultCode =
  | "DRIVER_DEFINITION"
  | "DRIVER_UNKNOWN_QUANTITY"
  | "DRIVER_OVERLAP"
  | "DRIVER_READ_TOO_LONG";

/** Codes of one {@link ConfigFault}. */
export type ConfigFaultCode =
  | "CONFIG_SYNTAX"
  | "CONFIG_DUPLICATE_KEY"
  | "CONFIG_UNKNOWN_KEY"
  | "CONFIG_MISSING_KEY"
  | "CONFIG_TYPE"
  | "CONFIG_CHOICE"
  | "CONFIG_RANGE"
  | "CONFIG_FORM"
  | "CONFIG_DUPLICATE_PORT"
  | "CONFIG_DUPLICATE_UNIT"
  | "CONFIG_DUPLICATE_SERIAL"
  | "CONFIG_ROLES"
  | "CONFIG_UNKNOWN_DEFINITION"
  | "CONFIG_DEFINITION_FILE"
  | DefinitionFaultCode
  | "CONFIG_SOCKET_TOO_LONG";

/** One thing to mend, and where. */
export type ConfigFault = {
  /** From 1; 0 for a value that the environment gave. */
  readonly line: number;
  /** From 1; 0 for a value that the environment gave. */
  readonly column: number;
  /** `lines[0].meters[1].unitId`, or the name of the environment variable. */
  readonly key: string;
  readonly code: ConfigFaultCode;
  readonly message: string;
  readonly fix: string;
};

/** Longest configuration file in bytes. */
export const MAX_CONFIG_BYTES = 262_144;

/** A configuration that cannot be used, with everything that is wrong with it in the order of the file. */
export class ConfigError extends AgentError<ConfigErrorCode> {
  readonly path: string;
  readonly faults: readonly ConfigFault[];

  constructor(code: ConfigErrorCode, path: string, faults: readonly ConfigFault[] = [], cause?: unknown) {
    super(code, { path, faults: faults.length }, cause);
    this.path = path;
    this.faults = faults;
  }
}

/** @param path keys and indexes from the root @returns `lines[0].meters[1].unitId`; empty for the file itself */
export function keyOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((key, step) => {
    if (typeof step === "number") return `${key}[${step}]`;
    return key === "" ? String(step) : `${key}.${String(step)}`;
  }, "");
}

/** @param fault of a configuration @param path of the file @returns `file:line:column key message; fix` */
export function faultText(fault: ConfigFault, path: string): string {
  const place = fault.line === 0 ? "environment" : `${path}:${fault.line}:${fault.column}`;
  return `${place} ${fault.key === "" ? "file" : fault.key} ${fault.message} – ${fault.fix} [${fault.code}]`;
}
