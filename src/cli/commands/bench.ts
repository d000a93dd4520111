import { drawChart } from "../../comparison/chart.js";
import { compare } from "../../comparison/compare.js";
import { reportOf } from "../../comparison/comparison-report.js";
import { ownOf } from "../../comparison/isthmus.js";
import { spread } from "../../comparison/survey.js";
import { Pool } from "../../comparison/task-pool.js";
import { IsthmusError } from "../../ground/errors.js";
import { findFiles, imageExtensions } from "../../node/find-files.js";
import { type WriteOptions, writeBytes } from "../../node/output-file.js";
import { openCodec } from "../codecs.js";
import type { Command } from "../command.js";
import { reportText } from "../comparison-text.js";
import { exitCodes, UsageError } from "../exit.js";
import { checkOutput, writing } from "../output.js";
import { Report } from "../report.js";

/** Points of every curve; rivals have fewer, because AVIF takes most of the time. */
const points = { own: 7, rival: 6, ofLargeSet: 5 };
const largeSet = 50;
const defaultQualities = Array.from({ length: points.own }, (_, i) => (100 * i) / (points.own - 1));

export const bench: Command<"bench"> = {
  name: "bench",
  summary: "Compare a model with JPEG, WebP, AVIF and JPEG XL on your images",
  argument: "<image...>",
  argumentMeaning: "folders of images (searched recursively), globs and image files",
  example: "isthmus bench held-back/ -m my.isthm -o bench.json --chart bench.svg",

  async run({ sources, options, signal }) {
    const { output, chart, force, effort } = options;
    const report = new Report(options);
    const written = [output, chart].filter((path) => path !== undefined);
    if (new Set(written).size < written.length)
      throw new UsageError("Expected two files for -o and --chart but received one");
    for (const path of written) await checkOutput(path, force);
    const paths = await findImages(sources);
    const chosen = options.limit === undefined ? paths : spread(paths, options.limit);
    if (chosen.length < paths.length) report.remark(`${chosen.length} of ${paths.length} images, evenly spread`);
    const { model } = await openCodec(options.model);
    const own = ownOf(model, effort);

    const pool = new Pool(own, signal);
    try {
      const comparison = await compare(chosen, {
        own,
        qualities: options.qualities ?? defaultQualities,
        points: chosen.length > largeSet ? points.ofLargeSet : points.rival,
        times: true,
        runTasks: pool.run,
        signal,
        onSkip: (path, error) => report.warning(`skipped ${path}: ${error.message}`),
        onProgress: (fraction, text) => report.progress.update(fraction, text),
      });
      const result = await reportOf(comparison, own);
      if (output !== undefined)
        await writeText(output, `${JSON.stringify(result, null, 1)}\n`, writing(report, force, signal));
      const title = `${result.images.count} images, model ${model.id}`;
      if (chart !== undefined) await writeText(chart, drawChart(result, title), writing(report, force, signal));
      report.result(result, reportText(result));
      return exitCodes.ok;
    } finally {
      await pool.close();
    }
  },
};

/** Throws `file-not-found` where a name leads to nothing, or to no image. */
async function findImages(sources: readonly string[]): Promise<string[]> {
  const found = await Promise.all(sources.map((source) => findFiles(source, imageExtensions)));
  const paths = found.flat().map(({ path }) => path);
  if (paths.length > 0) return [...new Set(paths)];
  throw new IsthmusError("file-not-found", `Expected images in ${sources.join(", ")} but found none`);
}

const writeText = (path: string, text: string, options: WriteOptions): Promise<void> =>
  writeBytes(path, new TextEncoder().encode(text), options);
