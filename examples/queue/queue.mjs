// What producer, workers and whoever looks at dead letters share: the queue's name, and a connection that outlasts Redis.
import { Queue } from "bullmq";
import { Redis } from "ioredis";

export const queueName = "pictures";
const address = process.env.REDIS_URL ?? "redis://127.0.0.1:6379";

/** A connection that waits for as long as Redis is away, and tells so once for each time. */
export function connect() {
  const redis = new Redis(address, {
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(100 * times, 2000),
  });
  let isAway = false;
  redis.on("error", ({ code, message }) => {
    if (!isAway) console.error(`Redis is away (${code ?? message}): waiting for it`);
    isAway = true;
  });
  redis.on("ready", () => {
    if (isAway) console.error("Redis is there again");
    isAway = false;
  });
  return redis;
}

/** Jobs that failed for good stay in the queue as its dead letters; those that are done leave it, so that Redis never holds more than what is to be done. */
export function openQueue(connection) {
  const queue = new Queue(queueName, {
    connection,
    defaultJobOptions: {
      attempts: 5,
      backoff: { type: "exponential", delay: Number(process.env.RETRY_MS ?? 1000), jitter: 0.5 },
      removeOnComplete: true,
      removeOnFail: false,
    },
  });
  // The connection has told already.
  queue.on("error", () => {});
  return queue;
}

export const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
