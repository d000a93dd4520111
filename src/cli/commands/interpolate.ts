import { readImage } from "../../node/read-image.js";
import type { Command } from "../command.js";
import { exitCodes, UsageError } from "../exit.js";
import { nameOfOutput } from "../output.js";
import { Report } from "../report.js";
import { checkSheet, openLatentSpace, writeSheet } from "../sheet.js";

export const interpolate: Command<"interpolate"> = {
  name: "interpolate",
  summary: "Show the way from one picture to the next through a model's latents",
  argument: "<image...>",
  argumentMeaning: "two or more images of the model's size; each pair becomes a row of the sheet",
  example: "isthmus interpolate 3.png 8.png -m digits.isthm -o way.png",

  async run({ sources, options, signal }) {
    const { output = "interpolation.png", force, steps, mode, model } = options;
    if (model === undefined) throw new UsageError("Expected -m with a model of pictures of one size");
    if (sources.length < 2) throw new UsageError("Expected two images or more but received one");
    const report = new Report({ ...options, dataOnStdout: output === "-" });
    await checkSheet({ output, force });
    const space = await openLatentSpace(model, output);
    const codes = [];
    for (const source of sources) codes.push(await space.encode(await readImage(source, { signal })));
    const rows = [];
    for (const [i, code] of codes.slice(1).entries()) {
      rows.push(await space.interpolate(codes[i], code, steps, { mode, signal }));
    }
    const bytes = await writeSheet(rows.flat(), steps, { output, force }, report, signal);
    report.done(
      { output, bytes, model: space.model.id, images: sources, steps, mode },
      `${nameOfOutput(output)}: ${rows.length} times ${steps} pictures, ${mode}, by model ${space.model.id}`,
    );
    return exitCodes.ok;
  },
};
