// Peak memory of the command line on a picture of 100 megapixels, encoding and decoding each in a process of its own:
//   npm run bench:memory -- [--model FILE.isthm] [--height 8000]
// Writes bench/results/memory.json and prints its section.
import { join } from "node:path";
import { writeImageRows } from "../dist/node.js";
import { giveUp, inFolder, loadSource, optionsOf, place, report, runNode } from "./frame/index.mjs";

const { model, height } = optionsOf({ model: undefined, height: 8000 });
const width = 12500;
/** Megabytes (10^6 bytes) that each command may take. */
const budgets = { encode: 1500, decode: 1000 };
/** Loaded ahead of the command line: prints the largest resident set of its process, in KiB, when it ends. */
const reporter = "process.on('exit', () => process.stdout.write('peak ' + process.resourceUsage().maxRSS));";

const commands = await inFolder("memory", async (folder) => {
  const [picture, stream, result] = ["picture.jpg", "picture.isth", "result.png"].map((name) => join(folder, name));
  await writeImageRows({ width, height, channels: 3, rows: drawnRows() }, picture);
  return [await measure("encode", picture, stream), await measure("decode", stream, result)];
});
await report("memory", { width, height, commands });
if (commands.some(({ peak, budget }) => peak >= budget)) giveUp("Expected every peak to stay below its budget");

/** Smooth shades, edges and noise. */
async function* drawnRows() {
  const { drawPicture } = await loadSource();
  const { data } = drawPicture(width, 100, 3);
  for (let y = 0; y < height; y++) {
    const start = (y % 100) * 3 * width;
    yield data.slice(start, start + 3 * width).map((sample, i) => sample ^ (Math.imul(i + y, 0x9e3779b1) >>> 28));
  }
}

async function measure(command, input, output) {
  const words = [command, input, "-o", output, ...(model ? ["--model", model] : [])];
  const start = performance.now();
  const said = await runNode("--import", `data:text/javascript,${reporter}`, place("dist/cli.js"), ...words);
  const seconds = (performance.now() - start) / 1000;
  return { command, peak: (Number(/peak (\d+)/.exec(said)[1]) * 1024) / 1e6, budget: budgets[command], seconds };
}
