// Puts the pictures of a folder into the queue, as paths, and tells how far they are. May be ended and run again at any time: what is made already is left alone.
//   node add.mjs FOLDER STREAMS [JSON of settings, such as {"quality":60,"model":"/models/my.isthm"}]
import { createHash } from "node:crypto";
import { opendir, realpath, stat } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { connect, openQueue, wait } from "./queue.mjs";

const [folder, streams, text = "{}"] = process.argv.slice(2);
const settings = parse(text);
if (!streams || !settings || !(await stat(folder).catch(() => undefined))?.isDirectory()) {
  console.error('node add.mjs FOLDER STREAMS [SETTINGS]: a folder that exists, and JSON such as {"quality":60}');
  process.exit(2);
}
const mostWaiting = Number(process.env.MOST_WAITING ?? 1000);
const bulk = Math.min(100, mostWaiting);

function parse(json) {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** Links are followed, to each folder once. */
async function* picturesIn(path, seen = new Set()) {
  const real = await realpath(path);
  if (seen.has(real)) return;
  seen.add(real);
  for await (const entry of await opendir(path)) {
    const name = join(path, entry.name);
    const found = entry.isSymbolicLink() ? await stat(name).catch(() => undefined) : entry;
    if (found?.isDirectory()) yield* picturesIn(name, seen);
    else if (found?.isFile() && /\.(jpe?g|png|webp|avif|tiff?|gif)$/i.test(name)) yield name;
  }
}

/** The same job has the same name, so that it is in the queue once however often it is added. */
function jobOf(path) {
  const data = { ...settings, in: resolve(path), out: `${resolve(streams, relative(folder, path))}.isth` };
  return {
    name: "encode",
    data,
    opts: { jobId: `picture-${createHash("sha256").update(JSON.stringify(data)).digest("hex")}` },
  };
}

const connection = connect();
const queue = openQueue(connection);
let added = 0;
let told = 0;

/** Jobs that are to be done, and those that failed for good. */
async function look() {
  const { failed, ...open } = await queue.getJobCounts("waiting", "active", "delayed", "paused", "failed");
  const left = Object.values(open).reduce((sum, count) => sum + count, 0);
  if (Date.now() - told > 1000) console.log(`${added} pictures found, ${left} to be done, ${failed} dead`);
  if (Date.now() - told > 1000) told = Date.now();
  return { left, failed };
}

async function add(jobs) {
  while ((await look()).left + jobs.length > mostWaiting) await wait(100);
  await queue.addBulk(jobs);
  added += jobs.length;
}

let jobs = [];
for await (const path of picturesIn(folder)) {
  if (jobs.push(jobOf(path)) < bulk) continue;
  await add(jobs);
  jobs = [];
}
if (jobs.length > 0) await add(jobs);

let state = await look();
while (state.left > 0) {
  await wait(100);
  state = await look();
}
console.log(`${added} pictures, ${state.failed} dead${state.failed > 0 ? ": node dead.mjs tells why" : ""}`);
await queue.close();
connection.disconnect();
process.exitCode = state.failed > 0 ? 1 : 0;
