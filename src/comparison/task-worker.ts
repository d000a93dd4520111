import { parentPort, workerData } from "node:worker_threads";
import { IsthmusError } from "../ground/errors.js";
import { loadSharp } from "../node/sharp.js";
import { Competitors } from "./competitors.js";
import type { OwnModel } from "./isthmus.js";
import { runTask, type Task } from "./task.js";
import type { Answer } from "./task-pool.js";

// Runs tasks of a comparison in a thread of its own, one at a time.
const competitors = new Competitors(workerData as OwnModel);
// Every core has a worker; threads within a codec would only get in each other's way.
(await loadSharp()).concurrency(1);

parentPort!.on("message", async (task: Task) => {
  parentPort!.postMessage(await answer(task));
});

async function answer(task: Task): Promise<Answer> {
  try {
    return { samples: await runTask(task, competitors) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { error: { code: error instanceof IsthmusError ? error.code : undefined, message } };
  }
}
