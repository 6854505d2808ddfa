/**
 * `npm run case-study`: the case study of the paper on the product's own contracts, as figures and tables.
 * docs/case-study.md says what is shown; with `--check` the exit code is 0 only when the files are what would be written.
 */
import { fileURLToPath } from "node:url";
import { type CaseStudy, caseStudy } from "./caseStudy.ts";
import { caseStudyFiles, differences, writeFiles } from "./files.ts";
import { type CaseStudyOptions, readCaseStudyOptions, USAGE, UsageError } from "./options.ts";

/** @source sysexits(3), EX_USAGE */
const EXIT_USAGE = 64;
const DEFAULT_DIRECTORY = fileURLToPath(new URL("../../docs/case-study", import.meta.url));

process.exitCode = main(process.argv.slice(2));

function main(argv: readonly string[]): number {
  try {
    return run(readCaseStudyOptions(argv));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`case-study: ${error.message}\n${USAGE}\n`);
    return EXIT_USAGE;
  }
}

function run(options: CaseStudyOptions): number {
  const directory = options.outDir ?? DEFAULT_DIRECTORY;
  const study = caseStudy(options.seed, options.hours);
  process.stdout.write(`${verifiedText(study)}\n`);
  const files = caseStudyFiles(study, options.labels);
  if (!options.isCheck) {
    writeFiles(directory, files);
    process.stdout.write(`${files.size} files in ${directory}\n`);
    return 0;
  }
  const found = differences(directory, files);
  for (const { name, kind } of found) process.stdout.write(`${kind}: ${name}\n`);
  process.stdout.write(`${files.size} files, ${found.length} differences\n`);
  return found.length === 0 ? 0 : 1;
}

function verifiedText({ hours, signatures, context, state }: CaseStudy): string {
  const { chainId } = context.roster;
  return `verified from the genesis: ${hours.length} blocks, ${signatures} signatures, chain ${chainId}, head ${state.head}`;
}
