// Trains one of the models that bench/restoration.mjs measures:
//   node bench/restoration/train.mjs denoise|deblur PHOTOS --output MODEL.isthm
import { writeFile } from "node:fs/promises";
import { optionsOf } from "../frame/options.mjs";
import { giveUp } from "../frame/results.mjs";
import { greyPictures } from "./pictures.mjs";
import { tasks, trainTask } from "./tasks.mjs";

const { output, words } = optionsOf({ output: undefined });
const [name, folder] = words;
if (!tasks[name] || !folder || !output) giveUp("Expected: denoise or deblur, a folder of photos, and --output MODEL");
const model = await trainTask(tasks[name], await greyPictures(folder));
await writeFile(output, model.bytes);
