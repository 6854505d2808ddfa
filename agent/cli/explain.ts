/** Every failure as a person or a script needs it: what, why, what to do next, a stable code, an exit code. */
import { ConfigError, type ConfigFault, faultText } from "../config/configError.ts";
import { type ErrorDetail, isAgentError } from "../core/errors.ts";
import { demoExitCode } from "./demo.ts";
import { FRAMES_KNOWN } from "./explainFrames.ts";
import { METERS_KNOWN } from "./explainMeters.ts";
import { POLICY_KNOWN } from "./explainPolicy.ts";
import { type Known, RECOVERY_KNOWN } from "./explainRecovery.ts";
import { STATEMENT_KNOWN } from "./explainStatement.ts";

/** A failure, told. */
export type Explanation = {
  readonly code: string;
  readonly what: string;
  readonly why: string;
  readonly next: string;
  /** @source sysexits(3) */
  readonly exit: number;
  readonly detail: ErrorDetail;
  /** Of a configuration only. */
  readonly faults: readonly ConfigFault[];
};

const REPORT = "this is a fault of edso: please report it with this output";
const CHECK_CONFIG = "run `edso config check` and mend each line it names";
const CHECK_DISK = "check free space, permissions and the health of the disk";
const STOP_AGENT = "ask the running agent instead, or stop it first";
const QUARANTINE =
  "start the agent: it sets the ledger aside and fetches it from its neighbours again; keep what it sets aside";

/** By code, or by area where all codes of it are alike. The longest match holds. */
const KNOWN: Readonly<Record<string, Known>> = {
  CLI_USAGE: { exit: 64, what: "the command line is not understood", next: "see `edso --help`" },
  CLI_FILE_EXISTS: {
    exit: 73,
    what: "a file is there already",
    next: "name another place; nothing was overwritten",
  },
  CLI_FILE_MISSING: { exit: 66, what: "a file is missing", next: "check the path" },
  CLI_FILE_UNREADABLE: { exit: 66, what: "a file cannot be read", next: "check its permissions" },
  CLI_FILE_UNWRITABLE: { exit: 73, what: "a file cannot be written", next: CHECK_DISK },
  CONFIG: { exit: 78, what: "the configuration cannot be used", next: CHECK_CONFIG },
  CONFIG_MISSING: {
    exit: 66,
    what: "there is no configuration",
    next: "name it with --config FILE, or make one with `edso init`",
  },
  CONFIG_TOO_LARGE: {
    exit: 78,
    what: "the configuration is longer than 256 KiB",
    next: "check that it is the right file",
  },
  DEFINITION: { exit: 65, what: "the meter definition cannot be used", next: "mend each line that is named" },
  DEFINITION_MISSING: { exit: 66, what: "there is no such meter definition", next: "check the path" },
  DEFINITION_UNREADABLE: {
    exit: 66,
    what: "the meter definition cannot be read",
    next: "check its permissions",
  },
  DEFINITION_TOO_LARGE: {
    exit: 65,
    what: "the meter definition is longer than 256 KiB",
    next: "check that it is the right file",
  },
  API_UNREACHABLE: { exit: 69, what: "no agent answers", next: "start it with `edso start --config FILE`" },
  API_REFUSED: { exit: 69, what: "the agent refused to answer", next: "see its log" },
  API_MALFORMED: {
    exit: 65,
    what: "the answer is not an edso agent's",
    next: "check the socket, and that both are of the same version",
  },
  API_LINE_LENT: { exit: 75, what: "another command has the line", next: "wait until it has ended" },
  API_SOCKET_BUSY: {
    exit: 75,
    what: "another agent runs on this socket",
    next: "stop it first, or set another api.socket",
  },
  API_SOCKET_UNUSABLE: {
    exit: 73,
    what: "the socket cannot be made",
    next: "set api.socket to a path that edso may write to",
  },
  STORE: { exit: 74, what: "the ledger on disk cannot be used", next: CHECK_DISK },
  STORE_LOCKED: { exit: 75, what: "another process has the ledger open", next: STOP_AGENT },
  STORE_DAMAGED: { exit: 65, what: "the stored ledger is damaged", next: QUARANTINE },
  STORE_FORMAT: {
    exit: 65,
    what: "the ledger was stored by another version",
    next: "use the version that wrote it",
  },
  JOURNAL: { exit: 74, what: "the journal cannot be used", next: CHECK_DISK },
  JOURNAL_DAMAGED: {
    exit: 65,
    what: "the journal is damaged",
    next: "keep a copy of it; the agent must not sign with it",
  },
  LEDGER_ABSENT: {
    exit: 66,
    what: "there is no ledger",
    next: "start the agent once, or name another --data",
  },
  LEDGER_NO_BLOCK: { exit: 66, what: "there is no such block", next: "`edso status` shows the height" },
  LEDGER_DAMAGED: { exit: 65, what: "the ledger is damaged", next: QUARANTINE },
  LEDGER_BEHIND_OUTBOX: {
    exit: 65,
    what: "the ledger has lost blocks that this gateway knows of",
    next: QUARANTINE,
  },
  LEDGER_BEGINS_LATER: {
    exit: 75,
    what: "the ledger begins with a certified state, which the running agent holds",
    next: "stop the agent, then verify",
  },
  LEDGER_CONTRADICTS_OUTBOX: {
    exit: 65,
    what: "the neighbours have another block than this gateway saw committed",
    next: "keep the data directory as it is, and ask the GridAdmin: two blocks of one height were certified",
  },
  GENESIS_REFUSED: {
    exit: 65,
    what: "the genesis is refused",
    next: "get the file from the GridAdmin again",
  },
  ENROLMENT_REFUSED: {
    exit: 65,
    what: "an enrolment is refused",
    next: "let that gateway run `edso init` anew and send its file again",
  },
  ...POLICY_KNOWN,
  ...STATEMENT_KNOWN,
  ...RECOVERY_KNOWN,
  ...FRAMES_KNOWN,
  ...METERS_KNOWN,
  MEMBER_NOT_ENROLLED: {
    exit: 78,
    what: "this gateway is not a member of the genesis",
    next: "compare name and keys with the enrolment that the GridAdmin took",
  },
  KEY_NOT_ENROLLED: {
    exit: 78,
    what: "a key file is not the one this gateway enrolled with",
    next: "put the file back from your copy of the keys; without one, enrol this gateway anew",
  },
  DRIVER: { exit: 69, what: "a meter or its line fails", next: "try `edso meter read`" },
  DRIVER_OPTION: { exit: 64, what: "a line or a unit is not named as it should be", next: "see --help" },
  DRIVER_NO_MODEL: {
    exit: 69,
    what: "the device has no such SunSpec model",
    next: "compare what it has with `edso meter list`; switch SunSpec on in the device",
  },
  DRIVER_WRONG_MODEL: { exit: 69, what: "the SunSpec models of the device have moved", next: "try again" },
  DRIVER_NOT_TAKEN: {
    exit: 69,
    what: "the device does not take the command",
    next: "switch on power control over Modbus in the device",
  },
  DRIVER_UNKNOWN_METER: {
    exit: 78,
    what: "there is no such kind of meter",
    next: "`edso meter list` names them",
  },
  TRANSACTIONS_WAITING: {
    exit: 75,
    what: "as many transactions of this gateway as may wait for a block already do",
    next: "wait for the next blocks, then try again",
  },
  TRANSACTION_NOT_DURABLE: { exit: 74, what: "the transaction could not be stored", next: CHECK_DISK },
  KEY_FILE: { exit: 77, what: "the keys cannot be used", next: "check owner and mode of the keys directory" },
  KEY_FILE_MISSING: { exit: 66, what: "there are no keys", next: "make them with `edso init`" },
  KEY_FILE_MALFORMED: { exit: 65, what: "a key file is malformed", next: "restore it from the backup" },
  KEY_FILE_EXISTS: {
    exit: 73,
    what: "there are keys already",
    next: "name another directory; nothing was overwritten",
  },
  KEY_FILE_IO: { exit: 74, what: "the keys cannot be read or written", next: CHECK_DISK },
  TRANSPORT_LISTEN: {
    exit: 69,
    what: "an address to listen on cannot be used",
    next: "stop what listens there, or set another one in listen",
  },
  TRANSPORT_ADDRESS: {
    exit: 78,
    what: "an address of the genesis or the configuration is wrong",
    next: CHECK_CONFIG,
  },
  TRANSPORT_PEER_ID: {
    exit: 78,
    what: "a peer id of the genesis is wrong",
    next: "get the genesis from the GridAdmin again",
  },
  DEMO: { exit: 70, what: "the demo cannot go on", next: "run it again with --verbose" },
  DEMO_USAGE: { exit: 64, what: "an option of the demo is wrong", next: "see `edso demo --help`" },
};

/** Errors of the operating system. @source errno(3), sysexits(3) */
const ERRNO: Readonly<Record<string, Known>> = {
  EACCES: {
    exit: 77,
    what: "permission is denied",
    next: "run as the user of edso, or change the permissions",
  },
  EPERM: {
    exit: 77,
    what: "permission is denied",
    next: "run as the user of edso, or change the permissions",
  },
  ENOENT: { exit: 66, what: "a file is missing", next: "check the path" },
  EEXIST: { exit: 73, what: "a file is there already", next: "name another place" },
  ENOSPC: { exit: 74, what: "the disk is full", next: "make room" },
  EROFS: { exit: 74, what: "the disk is read-only", next: CHECK_DISK },
  EIO: { exit: 74, what: "the disk fails", next: CHECK_DISK },
};

/** Facts that the cause's own words, or the list of faults, tell better. */
const TOLD_OTHERWISE: readonly string[] = ["errno", "faults", "fix", "hint"];
const SOFTWARE: Known = { exit: 70, what: "edso failed", next: REPORT };

/** @param error anything that was thrown @returns it, told */
export function explain(error: unknown): Explanation {
  const detail = isAgentError(error) ? error.detail : {};
  const code = codeOf(error);
  const known = isAgentError(error) ? knownOf(code) : (ERRNO[code] ?? SOFTWARE);
  const { fix, what, ...facts } = detail;
  const subject = known === SOFTWARE || typeof what !== "string" ? known.what : `${known.what}: ${what}`;
  return {
    code,
    what: subject,
    why: whyOf(error, facts),
    next: typeof fix === "string" ? fix : known.next,
    exit: demoExitCode(error) ?? exitOf(detail, known),
    detail,
    faults: error instanceof ConfigError ? error.faults : [],
  };
}

/** @param told a failure @returns lines for a person */
export function explanationText(told: Explanation): string {
  const faults = told.faults
    .map((fault) => `  ${faultText(fault, String(told.detail.path ?? ""))}\n`)
    .join("");
  return `edso: ${told.what}\n${faults}  why:  ${told.why}\n  next: ${told.next}\n  code: ${told.code}\n`;
}

/** @param told a failure @returns one line of JSON */
export function explanationJson(told: Explanation): string {
  const { faults, ...rest } = told;
  const body = { schema: "edso.error/1", ...rest, ...(faults.length === 0 ? {} : { faults }) };
  return `${JSON.stringify(body, (_, value) => (typeof value === "bigint" ? value.toString() : value))}\n`;
}

function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return "UNEXPECTED";
}

function knownOf(code: string): Known {
  const words = code.split("_");
  for (let count = words.length; count > 0; count--) {
    const found = KNOWN[words.slice(0, count).join("_")];
    if (found !== undefined) return found;
  }
  return SOFTWARE;
}

/** A line that may not be opened is a matter of rights, whichever driver found it. */
function exitOf(detail: ErrorDetail, known: Known): number {
  return detail.errno === "EACCES" || detail.errno === "EPERM" ? 77 : known.exit;
}

function whyOf(error: unknown, facts: ErrorDetail): string {
  if (!(error instanceof Error)) return String(error);
  if (!isAgentError(error)) return error.message;
  const parts = [reasonText(facts), causeText(error.cause)].filter((part) => part !== "");
  return parts.join("; ") || error.message;
}

function causeText(cause: unknown): string {
  if (isAgentError(cause)) return reasonText(cause.detail);
  return cause instanceof Error ? cause.message : "";
}

function reasonText(facts: ErrorDetail): string {
  if (typeof facts.why === "string") return facts.why;
  return Object.entries(facts)
    .filter(([key, value]) => !TOLD_OTHERWISE.includes(key) && value !== null && value !== "")
    .map(([key, value]) => `${key} ${String(value)}`)
    .join(", ");
}
