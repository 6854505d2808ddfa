import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { caseStudy } from "../../case-study/caseStudy.ts";
import { caseStudyFiles, differences, writeFiles } from "../../case-study/files.ts";
import { DEFAULT_HOURS, DEFAULT_SEED } from "../../case-study/options.ts";
import { withTemporaryDirectory } from "../../support/temporaryDirectory.ts";

const COMMITTED = fileURLToPath(new URL("../../../docs/case-study", import.meta.url));
const study = caseStudy(DEFAULT_SEED, DEFAULT_HOURS);
const files = caseStudyFiles(study);

const committed = suite("docs/case-study");

committed("is byte for byte what npm run case-study writes", () => {
  assert.equal(differences(COMMITTED, files), [], "npm run case-study writes them anew");
});

committed("is the same in every run", () => {
  assert.equal([...caseStudyFiles(caseStudy(DEFAULT_SEED, DEFAULT_HOURS))], [...files]);
});

committed("is another for another seed", () => {
  const others = caseStudyFiles(caseStudy("43", DEFAULT_HOURS));
  for (const [name, content] of files) assert.is.not(others.get(name), content, name);
});

committed("shows labels that were given, in tables and figures", () => {
  const labelled = caseStudyFiles(study, new Map([["dep2", "0xfeed"]]));
  for (const name of ["tables.md", "dep2-energy.svg", "dep2-position.svg"])
    assert.ok(labelled.get(name)?.includes("0xfeed"), name);
  assert.is(labelled.get("dep1-energy.svg"), files.get("dep1-energy.svg"));
});

committed("differs when one byte is changed, one file is gone or one too many", () =>
  withTemporaryDirectory(async (directory) => {
    writeFiles(directory, files);
    assert.equal(differences(directory, files), []);
    const page = join(directory, "tables.md");
    writeFileSync(page, readFileSync(page, "utf8").replace("40", "41"));
    rmSync(join(directory, "dep1-energy.svg"));
    writeFileSync(join(directory, "stray.svg"), "");
    assert.equal(differences(directory, files), [
      { name: "dep1-energy.svg", kind: "missing" },
      { name: "stray.svg", kind: "stray" },
      { name: "tables.md", kind: "other" },
    ]);
  }),
);
committed.run();

const figures = suite("figures of the case study");
const svgs = [...files].filter(([name]) => name.endsWith(".svg"));

figures("are two for each DEP", () => {
  assert.equal(
    svgs.map(([name]) => name),
    ["dep1", "dep2", "dep3"].flatMap((dep) => [`${dep}-energy.svg`, `${dep}-position.svg`]),
  );
});

for (const [name, content] of svgs) {
  figures(`${name} says what it shows to who does not see it, and its axes have units`, () => {
    assert.match(content, /role="img" aria-labelledby="title desc"/);
    assert.match(content, /<title id="title">DEP \d: /);
    assert.match(content, /<desc id="desc">.*kWh.*<\/desc>/);
    assert.match(content, />energy per hour, kWh<\/text>/);
    assert.match(content, />interval t \(one hour each\)<\/text>/);
  });

  figures(
    `${name} is readable on light and on dark, with nothing from elsewhere and nothing that runs`,
    () => {
      assert.match(content, /@media \(prefers-color-scheme: dark\)/);
      const [outside] =
        content
          .replace('xmlns="http://www.w3.org/2000/svg"', "")
          .match(/https?:|<script|@import|url\(|href|on\w+=/) ?? [];
      assert.is(outside, undefined);
    },
  );

  figures(`${name} stays on its sheet`, () => {
    for (const [, x, y, width, height] of content.matchAll(
      /<rect class="\w+" x="([^"]+)" y="([^"]+)" width="([^"]+)" height="([^"]+)"/g,
    )) {
      assert.ok(Number(x) >= 0 && Number(x) + Number(width) <= 800, `${x} ${width}`);
      assert.ok(Number(y) >= 62 && Number(y) + Number(height) <= 290.1, `${y} ${height}`);
    }
  });
}
figures.run();
