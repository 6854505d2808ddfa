/** A process that logs many lines to stdout and exits in the same breath. Argument: how many. */
import { openLogger } from "../../agent/adapters/log/pinoLogger.ts";

const [count] = process.argv.slice(2);
const logger = openLogger({ level: "info" });
for (let line = 1; line <= Number(count); line += 1) logger.info("line", { line, filler: "x".repeat(200) });
logger.error("last", new Error("the end"));
process.exit(3);
