import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readCaseStudyOptions, UsageError } from "../../case-study/options.ts";

const options = suite("options of the case study");

options("default to one day from the seed of the files in the repository", () => {
  assert.equal(readCaseStudyOptions([]), {
    seed: "42",
    hours: 24,
    labels: new Map(),
    outDir: null,
    isCheck: false,
  });
});

options("take a label for each gateway, as the paper prints it", () => {
  const { labels } = readCaseStudyOptions(["--label", "dep1=0x00aB", "--label", "dso=0x01"]);
  assert.equal(
    [...labels],
    [
      ["dep1", "0x00aB"],
      ["dso", "0x01"],
    ],
  );
});

for (const argv of [
  ["--seed", ""],
  ["--hours", "8"],
  ["--hours", "97"],
  ["--hours", "many"],
  ["--label", "dep1"],
  ["--label", "dep1="],
  ["--label", "dep4=0x01"],
  ["--label", "dep1=0x01 | 0x02"],
  ["--unknown"],
  ["stray"],
]) {
  options(`refuse ${argv.join(" ")}`, () => {
    assert.throws(
      () => readCaseStudyOptions(argv),
      (error: unknown) => error instanceof UsageError,
    );
  });
}

options.run();
