// Tells which jobs failed for good and why; puts them back into the queue, or forgets them, when asked to.
//   node dead.mjs [--retry | --forget]
import { connect, openQueue } from "./queue.mjs";

const connection = connect();
const queue = openQueue(connection);
const page = 100;
if (process.argv.includes("--retry")) {
  const count = await queue.getFailedCount();
  await queue.retryJobs({ state: "failed" });
  console.log(`${count} jobs are in the queue again`);
} else if (process.argv.includes("--forget")) {
  let count = 0;
  for (let ids = [""]; ids.length > 0; count += ids.length) ids = await queue.clean(0, page, "failed");
  console.log(`${count} jobs are forgotten`);
} else {
  for (let start = 0; ; start += page) {
    const jobs = await queue.getFailed(start, start + page - 1);
    for (const { data, failedReason, attemptsMade } of jobs)
      console.log(`${data.in}: ${failedReason} (${attemptsMade} attempts)`);
    if (jobs.length < page) break;
  }
}
await queue.close();
connection.disconnect();
