// A long run in one process, and faults around it: kill -9 in training, full and read-only disks, several writers of one file, ^C, a
// model exchanged at work.
//   npm run soak -- [--quick] [--only NAME]
// Writes bench/results/soak.json (bench/results/quick/soak.json with --quick; nothing with --only) and prints what it saw. The exit status is 1 where anything went wrong.
import { optionsOf } from "./frame/options.mjs";
import { inFolder, place } from "./frame/places.mjs";
import { runNode } from "./frame/programs.mjs";
import { writeResults } from "./frame/results.mjs";
import * as faults from "./soak/faults.mjs";

const { quick, only } = optionsOf({ quick: false, only: undefined });

/** Bytes that a process may grow by in the second half of the rounds; in the first, engine and allocator take what they will keep. */
const mostGrowth = { rss: 16e6, heapUsed: 1e6, arrayBuffers: 1e6, kernels: 0 };

const scenarios = {
  memory: () => memory(quick ? 200 : 8000),
  killedTraining: (folder) =>
    faults.killedTraining(folder, quick ? { steps: 500, kills: 1 } : { steps: 1500, kills: 5 }),
  fullDisk: (folder) => faults.fullDisk(folder, { blocks: quick ? [0, 1] : [0, 1, 2, 3, 4, 5, 6] }),
  fullFileSystem: (folder) => faults.fullFileSystem(folder, { free: quick ? [4096] : [0, 4096, 8192, 16384, 20480] }),
  writersOfOneFile: (folder) =>
    faults.writersOfOneFile(folder, quick ? { writers: 3, rounds: 1 } : { writers: 4, rounds: 10 }),
  interruptedDecode: (folder) => faults.interruptedDecode(folder, { times: quick ? 2 : 10 }),
  swappedModel: (folder) => faults.swappedModel(folder),
};

const results = {};
await inFolder("soak", async (folder) => {
  for (const [name, scenario] of Object.entries(scenarios)) {
    if (only && only !== name) continue;
    results[name] = await scenario(folder);
    console.log(`${name}: ${JSON.stringify(results[name])}`);
  }
});
if (!only) await writeResults("soak", results, { command: "npm run soak", quick });
if (Object.values(results).some(({ problems }) => problems.length > 0)) process.exitCode = 1;

async function memory(rounds) {
  const samples = JSON.parse(await runNode("--expose-gc", place("bench/soak/memory.mjs"), `${rounds}`));
  const [warm, last] = [samples[samples.length / 2 - 1], samples[samples.length - 1]];
  const growth = Object.fromEntries(Object.keys(mostGrowth).map((name) => [name, last[name] - warm[name]]));
  const problems = Object.entries(growth)
    .filter(([name, bytes]) => bytes > mostGrowth[name])
    .map(([name, bytes]) => `${name} grew by ${bytes} bytes`);
  return { rounds, growth, last, problems };
}
