import type { Command } from "../command.js";
import { exitCodes } from "../exit.js";
import { nameOfOutput } from "../output.js";
import { Report } from "../report.js";
import { checkSheet, openLatentSpace, writeSheet } from "../sheet.js";

export const sample: Command<"sample"> = {
  name: "sample",
  summary: "Draw new pictures from a variational model, on one sheet",
  argument: "<model>",
  argumentMeaning: "*.isthm file of the preset variational",
  example: "isthmus sample digits.isthm -n 100 -o digits.png",

  async run({ sources, options, signal }) {
    const { output = "sample.png", force, count, seed, columns } = options;
    const report = new Report({ ...options, dataOnStdout: output === "-" });
    await checkSheet({ output, force });
    const space = await openLatentSpace(sources[0], output);
    const images = await space.sample(count, { seed, signal });
    const bytes = await writeSheet(images, columns, { output, force }, report, signal);
    report.done(
      { output, bytes, model: space.model.id, count, seed },
      `${nameOfOutput(output)}: ${count} pictures drawn from model ${space.model.id} with seed ${seed}`,
    );
    return exitCodes.ok;
  },
};
