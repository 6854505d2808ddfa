/** What a test file gets when it imports "uvu" under the runner: uvu itself, observed. */
import * as uvu from "uvu";
import { countSuites } from "./countSuites.ts";
import { recordTo } from "./testEvents.ts";

const reportPath = process.env.EDSO_TEST_REPORT;
if (reportPath === undefined) throw new Error("EDSO_TEST_REPORT names no report file: run `npm test`");

const counted = countSuites(uvu.suite, recordTo(reportPath));

export const suite = counted.suite;
export const test = counted.adopt(uvu.test, "");
export const exec = uvu.exec;
