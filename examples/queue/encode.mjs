// What a worker does with a job, in a process of its own: a picture that takes this process down takes nothing else with it.
// All that takes time to load is loaded with the first job, because BullMQ waits in vain for a process that dies while it starts.

/** Errors that another attempt would meet again. */
const lasting = new Set([
  "invalid-parameter",
  "invalid-image",
  "image-too-large",
  "not-isthmus",
  "unsupported-version",
  "truncated",
  "corrupt",
  "invalid-model",
  "model-mismatch",
  "model-unsuited",
  "target-unreachable",
]);
const maxPixels = Number(process.env.MAX_PIXELS ?? 2 ** 26);
/** Milliseconds between two words about how far a large picture is. */
const pause = 500;

export default async function encode(job) {
  let told = Date.now();
  const onProgress = (fraction) => {
    if (Date.now() - told < pause) return;
    told = Date.now();
    job.updateProgress(fraction);
  };
  const { encodeJob } = await import("isthmus/node");
  try {
    return await encodeJob({ maxPixels, ...job.data, onProgress });
  } catch (error) {
    const message = `${error.code ?? error.name}: ${error.message}`;
    const { UnrecoverableError } = await import("bullmq");
    throw lasting.has(error.code) ? new UnrecoverableError(message) : new Error(message);
  }
}
