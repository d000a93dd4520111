import { readImage } from "../../node/read-image.js";
import type { Command } from "../command.js";
import { exitCodes } from "../exit.js";
import { round, table } from "../format.js";
import { Report } from "../report.js";
import { checkSheet, openLatentSpace, writeSheet } from "../sheet.js";

export const explore: Command<"explore"> = {
  name: "explore",
  summary: "Show what each latent of a model does, on one sheet, the most influential first",
  argument: "<model>",
  argumentMeaning: "*.isthm file of pictures of one size",
  example: "isthmus explore digits.isthm --image 3.png -o latents.png",

  async run({ sources, options, signal }) {
    const { output = "latents.png", force, steps, range, limit } = options;
    const report = new Report({ ...options, dataOnStdout: output === "-" });
    await checkSheet({ output, force });
    const space = await openLatentSpace(sources[0], output);
    const image = options.image === undefined ? undefined : await readImage(options.image, { signal });
    const traversals = await space.explore({ steps, range, signal, ...(image && { image }) });
    const shown = traversals.slice(0, limit);
    const sheet = shown.flatMap(({ images }) => images);
    const bytes = await writeSheet(sheet, steps, { output, force }, report, signal);
    const latents = traversals.map(({ latent, influence }) => ({ latent, influence: round(influence, 3) }));
    const rows = latents.slice(0, limit).map(({ latent, influence }) => [String(latent), String(influence)]);
    report.result(
      { output, bytes, model: space.model.id, steps, range, latents },
      options.quiet ? "" : table([["latent, row by row", "mean squared change"], ...rows]),
    );
    return exitCodes.ok;
  },
};
