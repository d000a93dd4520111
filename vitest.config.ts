import { relative } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Folders whose tests call functions and leave nothing behind: their files share a process and its modules. The others start programs and browsers,
 * replace modules or watch their process, and have one for each file.
 */
const folders = [
  "codec",
  "distortion",
  "exchange",
  "ground",
  "image",
  "kernels",
  "latent-space",
  "metric",
  "models",
  "nn",
  "preview",
];
const units = [
  ...folders.map((folder) => `test/${folder}/**/*.test.ts`),
  ...["training/!(threads)", "comparison/!(compare)", "bench/!(frame)", "server/formats"].map(
    (files) => `test/${files}.test.ts`,
  ),
  "test/(documents|options|progress).test.ts",
];

/** The files that take longest, which run first, so that no core waits for one of them at the end. */
const longest = [
  "test/readme.test.ts",
  "test/training/threads.test.ts",
  "test/cli/train.test.ts",
  "test/breathing.test.ts",
  "test/cli/encode-decode.test.ts",
  "test/example-projects.test.ts",
  "test/demo/demo.test.ts",
  "test/queue.test.ts",
  "test/training/minutes.test.ts",
  "test/strangers/time.test.ts",
  "test/cli/restore.test.ts",
  "test/training-torch/training.test.ts",
  "test/cli/train-time.test.ts",
  "test/cli/batch.test.ts",
  "test/worker/worker.test.ts",
  "test/cli/bench.test.ts",
  "test/comparison/compare.test.ts",
  "test/demo/bad-input.test.ts",
  "test/strangers/memory.test.ts",
  "test/demo/interaction.test.ts",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = longest.indexOf(relative(this.ctx.config.root, moduleId));
      return place < 0 ? longest.length : place;
    };
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}

export default defineConfig({
  test: {
    pool: "forks",
    // By default one core would be left to Vitest itself, which has nothing to do while tests run.
    maxWorkers: "100%",
    sequence: { sequencer: LongestFirst },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    projects: [
      { extends: true, test: { name: "units", include: units, isolate: false } },
      { extends: true, test: { name: "programs", include: ["test/**/*.test.ts"], exclude: units } },
    ],
  },
});
