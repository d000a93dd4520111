// A long run in one process, and faults around it: kill -9 in training, full and read-only disks, several writers of one file, ^C, a
// model exchanged at work.
//   npm run soak -- [--quick] [--only NAME]
// Writes bench/results/soak.json (bench/results/quick/soak.json with --quick; nothing with --only) and prints what it saw. The exit status is 1 where anything went wrong.
import { inFolder, mapValues, optionsOf, place, runNode, writeResults } from "./frame/index.mjs";
import * as faults from "./soak/faults.mjs";

const { quick, only } = optionsOf({ quick: false, only: undefined });

/** Bytes that a process may grow by in the second half of the rounds; in the first, engine and allocator take what they will keep. */
const mostGrowth = { rss: 16e6, heapUsed: 1e6, arrayBuffers: 1e6, kernels: 0 };

/** The faults, each with its settings in a quick run and in a whole one. */
const scenarios = {
  memory: [memory, { rounds: 200 }, { rounds: 8000 }],
  killedTraining: [faults.killedTraining, { steps: 500, kills: 1 }, { steps: 1500, kills: 5 }],
  fullDisk: [faults.fullDisk, { blocks: [0, 1] }, { blocks: [0, 1, 2, 3, 4, 5, 6] }],
  fullFileSystem: [faults.fullFileSystem, { free: [4096] }, { free: [0, 4096, 8192, 16384, 20480] }],
  writersOfOneFile: [faults.writersOfOneFile, { writers: 3, rounds: 1 }, { writers: 4, rounds: 10 }],
  interruptedDecode: [faults.interruptedDecode, { times: 2 }, { times: 10 }],
  swappedModel: [faults.swappedModel],
};

const results = {};
for (const [name, [scenario, few, many]] of Object.entries(scenarios)) {
  if (only && only !== name) continue;
  results[name] = await inFolder("soak", (folder) => scenario(folder, quick ? few : many));
  console.log(`${name}: ${JSON.stringify(results[name])}`);
}
if (!only) await writeResults("soak", results, { command: "npm run soak", quick });
if (Object.values(results).some(({ problems }) => problems.length > 0)) process.exitCode = 1;

async function memory(_, { rounds }) {
  const samples = JSON.parse(await runNode("--expose-gc", place("bench/soak/memory.mjs"), `${rounds}`));
  const [warm, last] = [samples[samples.length / 2 - 1], samples[samples.length - 1]];
  const growth = mapValues(mostGrowth, (_, name) => last[name] - warm[name]);
  const problems = Object.entries(growth)
    .filter(([name, bytes]) => bytes > mostGrowth[name])
    .map(([name, bytes]) => `${name} grew by ${bytes} bytes`);
  return { rounds, growth, last, problems };
}
