// Trains one of the models that bench/restoration.mjs measures:
//   node bench/restoration/train.mjs denoise|deblur PHOTOS -o MODEL.isthm
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { giveUp } from "../results.mjs";
import { greyPictures } from "./pictures.mjs";
import { tasks, trainTask } from "./tasks.mjs";

const { values: options, positionals } = parseArgs({
  options: { output: { type: "string", short: "o" } },
  allowPositionals: true,
});
const [name, folder] = positionals;
if (!tasks[name] || !folder || !options.output) giveUp("Expected: denoise or deblur, a folder of photos, and -o MODEL");
const model = await trainTask(tasks[name], await greyPictures(folder));
await writeFile(options.output, model.bytes);
