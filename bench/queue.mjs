// Many pictures through examples/queue/ while workers, sandboxes and Redis are killed: whether each stream is there once, bit for bit that of a single process; and
// pictures a second with one worker and with two, undisturbed.
//   npm run bench:queue -- [--pictures N] [--side PIXELS] [--undisturbed N]
// Needs redis-server. Writes bench/results/queue.json.
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { encodeJob } from "../dist/node.js";
import { installExample } from "../scripts/example-project.mjs";
import { giveUp, inFolder, optionsOf, printTable, sum, writeResults } from "./frame/index.mjs";
import { drawPictures } from "./queue/pictures.mjs";
import { hasRedis, QueueExample, Redis, wait } from "./queue/programs.mjs";

const { pictures, side, undisturbed } = optionsOf({ pictures: 10_000, side: 64, undisturbed: 1000 });
if (!hasRedis()) giveUp("Expected redis-server (apt-get install redis-server)");
/** Largest resident memory that was seen, in bytes, of any worker's own process and of any sandbox. */
const peaks = { worker: 0, sandbox: 0 };

await inFolder("queue", async (root) => {
  const redis = await Redis.in(join(root, "redis"));
  const example = new QueueExample(await installExample("queue"), redis);
  await redis.start();
  try {
    const disturbed = await disturb(root, example, redis);
    const speeds = [];
    for (const workers of [1, 2]) speeds.push({ workers, ...(await time(root, example, workers)) });
    await writeResults("queue", { pictures, side, disturbed, peaks, undisturbed: speeds });
    tell(disturbed, speeds);
  } finally {
    await example.end();
    await redis.kill();
  }
});

function tell({ right, missing, different, leftOver, kills, again }, speeds) {
  const megabytes = (bytes) => `${Math.round(bytes / 1e6)} MB`;
  const rows = [
    ["streams that are there once, of", `${right} of ${pictures}`],
    ["missing, different or left over", `${missing}, ${different}, ${leftOver}`],
    ["kills of workers, sandboxes, Redis", Object.values(kills).join(", ")],
    ["jobs that were done again", again],
    ["peak memory of a worker, a sandbox", Object.values(peaks).map(megabytes).join(", ")],
    ...speeds.map(({ workers, perSecond }) => [`pictures a second, workers: ${workers}`, perSecond.toFixed(1)]),
  ];
  printTable(rows, ["", "0"], ["", "1"]);
}

/** All pictures, with two workers of which one is killed every few seconds, or a sandbox, or Redis. */
async function disturb(root, example, redis) {
  const [folder, streams] = ["pictures", "streams"].map((name) => join(root, name));
  const paths = await drawPictures(folder, pictures, side);
  console.log(`${pictures} pictures of ${side} x ${side} are drawn`);
  const kills = { workers: 0, sandboxes: 0, redis: 0 };
  const start = performance.now();
  const adding = example.run("add", [folder, streams]);
  let isDone = false;
  adding.ended.then(() => {
    isDone = true;
  });
  const workers = [example.run("work"), example.run("work")];
  const killing = {
    async workers(round) {
      await workers[round % 2].kill();
      workers[round % 2] = example.run("work");
    },
    async sandboxes(round) {
      const [sandbox] = await workers[round % 2].children();
      if (sandbox) process.kill(sandbox, "SIGKILL");
    },
    async redis() {
      await redis.kill();
      await wait(1000);
      await redis.start();
    },
  };
  for (let round = 0; !isDone; round++) {
    await Promise.race([wait(5000), adding.ended]);
    for (const worker of workers) await lookAtMemory(worker);
    if (isDone) break;
    const what = ["workers", "workers", "sandboxes", "redis"][round % 4];
    kills[what]++;
    await killing[what](round);
    // A worker that ended by itself would be started again by whoever keeps it running.
    for (const [i, { process }] of workers.entries()) if (process.exitCode !== null) workers[i] = example.run("work");
  }
  const seconds = (performance.now() - start) / 1000;
  const again = sum(example.programs.map(({ output }) => output.split("and it is done again").length - 1));
  console.log(adding.output.trim().split("\n").at(-1));
  await Promise.all(workers.map((worker) => worker.kill("SIGTERM")));
  return { seconds, kills, again, ...(await compare(root, folder, streams, paths)) };
}

/** What the workers made beside what this process makes. */
async function compare(root, folder, streams, paths) {
  const there = new Set((await readdir(streams, { recursive: true })).filter((name) => name.endsWith(".isth")));
  const found = { right: 0, missing: 0, different: 0, leftOver: 0 };
  const out = join(root, "alone", "stream.isth");
  await mkdir(join(root, "alone"));
  for (const path of paths) {
    const name = `${relative(folder, path)}.isth`;
    if (!there.delete(name)) {
      found.missing++;
      continue;
    }
    await encodeJob({ in: path, out });
    const isRight = (await readFile(out)).equals(await readFile(join(streams, name)));
    found[isRight ? "right" : "different"]++;
  }
  return { ...found, leftOver: there.size };
}

/** Pictures a second from the first stream on, with so many workers of one process each. */
async function time(root, example, count) {
  const folder = join(root, `undisturbed-${count}`);
  await drawPictures(folder, undisturbed, side);
  const workers = Array.from({ length: count }, () => example.run("work"));
  for (const worker of workers) await worker.says("ready");
  const start = performance.now();
  await example.outputOf("add", folder, `${folder}-streams`);
  const seconds = (performance.now() - start) / 1000;
  await Promise.all(workers.map((worker) => worker.kill("SIGTERM")));
  return { pictures: undisturbed, seconds, perSecond: undisturbed / seconds };
}

async function lookAtMemory(worker) {
  const peakOf = async (pid) => {
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
    return 1024 * Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0);
  };
  peaks.worker = Math.max(peaks.worker, await peakOf(worker.pid));
  for (const pid of await worker.children()) peaks.sandbox = Math.max(peaks.sandbox, await peakOf(pid));
}
