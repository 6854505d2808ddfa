/** Configurations as text, and the faults that are found in them. */
import * as assert from "uvu/assert";
import { ConfigError, type ConfigFault } from "../../agent/config/configError.ts";
import { parseConfig } from "../../agent/config/load.ts";
import type { Config } from "../../agent/config/schema.ts";

export const DEFINITIONS = ["sdm120", "sdm630"];
export const HEAD = "name: dep1\ndataDirectory: /var/lib/edso\n";
export const LINES = `lines:
  - port: /dev/ttyUSB0
    meters:
      - role: grid
        definition: sdm120
        unitId: 1
        serial: "1"
`;
export const SOUND = HEAD + LINES;

export function parse(text: string): Config {
  return parseConfig(text, "/etc/edso/edso.yaml", { definitions: DEFINITIONS });
}

export function faultsOf(text: string): readonly ConfigFault[] {
  return thrownBy(() => parse(text));
}

export function thrownBy(attempt: () => unknown): readonly ConfigFault[] {
  try {
    attempt();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    assert.is(error.code, "CONFIG_INVALID");
    return error.faults;
  }
  return [];
}

export function place({ line: at, column, key, code }: ConfigFault): string {
  return `${at}:${column} ${key} ${code}`;
}

export function meter(role: string, unitId: number, serial: string): string {
  return `      - role: ${role}\n        unitId: ${unitId}\n        serial: "${serial}"\n        definition: sdm120\n`;
}

export function line(role: string, port: string): string {
  return `  - port: ${port}\n    meters:\n${meter(role, 1, "2")}`;
}

export function linesWith(roles: readonly string[]): string {
  const meters = roles.map((role, index) => meter(role, index + 1, String(index))).join("");
  return `lines:\n  - port: /dev/ttyUSB0\n    meters:\n${meters}`;
}
