// Encodes what is in the queue until it is told to end (SIGTERM or ^C: pictures under way are finished; SIGKILL: another worker does them again).
//   node work.mjs      any number of times, on any number of machines that see the same folders
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Worker } from "bullmq";
import { connect, queueName } from "./queue.mjs";

const { PROCESSES = availableParallelism(), HEAP_MB = 512, LOCK_SECONDS = 30, JOB_SECONDS = 600 } = process.env;

const worker = new Worker(queueName, fileURLToPath(new URL("encode.mjs", import.meta.url)), {
  connection: connect(),
  concurrency: Number(PROCESSES),
  // How long a worker that has vanished keeps its jobs from the others, and how often a job may lose its worker before it is a dead letter.
  lockDuration: 1000 * LOCK_SECONDS,
  stalledInterval: 1000 * LOCK_SECONDS,
  maxStalledCount: 5,
  // How soon the queue is looked at again after Redis was away.
  runRetryDelay: 1000,
  workerForkOptions: { execArgv: [`--max-old-space-size=${HEAP_MB}`] },
});
worker.on("error", () => {});
worker.on("stalled", (id) => console.error(`${id}: its worker vanished, and it is done again`));
worker.on("failed", (job, error) => {
  if (!job) return console.error(`A job lost its worker too often: ${error.message}`);
  const isDead = job.finishedOn !== undefined;
  console.error(`${job.data.in}: ${error.message} (attempt ${job.attemptsMade}${isDead ? ", the last one" : ""})`);
});

// A process that hangs would keep its job for ever: whoever keeps workers running (systemd, Kubernetes) starts this one again.
const deadlines = new Map();
worker.on("active", ({ id, data }) => {
  const giveUp = () => {
    console.error(`${data.in}: not done after ${JOB_SECONDS} seconds, so that this worker ends`);
    process.exit(1);
  };
  deadlines.set(id, setTimeout(giveUp, 1000 * JOB_SECONDS));
});
for (const event of ["completed", "failed"]) {
  worker.on(event, (job) => {
    clearTimeout(deadlines.get(job?.id));
    deadlines.delete(job?.id);
  });
}

let isEnding = false;
for (const signal of ["SIGTERM", "SIGINT"]) {
  process.on(signal, async () => {
    // Who asks again does not want to wait; what is under way is done again by another worker.
    if (isEnding) process.exit(1);
    isEnding = true;
    await worker.close();
    process.exit(0);
  });
}
await worker.waitUntilReady();
console.log(`ready: ${PROCESSES} processes`);
