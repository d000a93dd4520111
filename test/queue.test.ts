import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { encodeJob } from "../src/node.js";

/** examples/queue/ as it is installed from the packed package, over a Redis of its own. */
const { installExample } = await import("../scripts/example-project.mjs" as string);
const { hasRedis, QueueExample, Redis, until, wait } = await import("../bench/queue/programs.mjs" as string);
const { drawPictures } = await import("../bench/queue/pictures.mjs" as string);

const isThere: boolean = hasRedis();
if (!isThere)
  console.warn("\n\n*** NOT TESTED: examples/queue needs redis-server (apt-get install redis-server) ***\n\n");

// In CI it fails where there is no Redis.
describe.skipIf(!isThere && !process.env.CI)("queue: pictures through BullMQ on Redis", () => {
  let project: string;
  let folder: string;
  let redis: InstanceType<typeof Redis>;
  let example: InstanceType<typeof QueueExample>;

  beforeAll(async () => {
    project = await installExample("queue");
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "isthmus-queue-"));
    redis = await Redis.in(join(folder, "redis"));
    example = new QueueExample(project, redis);
  });
  afterEach(async () => {
    await example.end();
    await redis.kill();
    await rm(folder, { recursive: true, force: true });
  });

  const pictures = () => join(folder, "pictures");
  const streams = () => join(folder, "streams");
  const add = (settings = {}, environment = {}) =>
    example.run("add", [pictures(), streams(), JSON.stringify({ quality: 50, ...settings })], environment);
  const filesIn = async (path: string): Promise<string[]> =>
    (await readdir(path, { recursive: true }).catch(() => [])).filter((name) => /\.(isth|json)$/.test(name)).sort();
  const count = async () => (await filesIn(streams())).filter((name) => name.endsWith(".isth")).length;

  /** Every stream is there once, bit for bit that of a single process. */
  async function expectAll(paths: readonly string[]): Promise<void> {
    const names = paths.map((path) => `${relative(pictures(), path)}.isth`);
    expect(await filesIn(streams())).toEqual(names.flatMap((name) => [name, `${name}.json`]).sort());
    for (const [i, path] of paths.entries()) {
      const out = join(folder, `alone-${i}.isth`);
      await encodeJob({ in: path, out, quality: 50 });
      expect((await readFile(out)).equals(await readFile(join(streams(), names[i])))).toBe(true);
    }
  }

  it("loses nothing where workers, sandboxes and Redis are killed in the middle", async () => {
    const paths = await drawPictures(pictures(), 200, 48);
    const poisoned = join(pictures(), "poisoned.png");
    await writeFile(poisoned, (await readFile(paths[0])).subarray(0, 200));

    // Redis is away at first, and both sides wait for it.
    const [adding, doomed, orphaning, other] = [add(), ...["work", "work", "work"].map((name) => example.run(name))];
    for (const program of [adding, doomed]) await program.says("Redis is away (ECONNREFUSED): waiting for it");
    await redis.start();
    await adding.says("Redis is there again");

    await until(async () => (await count()) >= 30, "some streams were made");
    await doomed.kill();
    // Its sandbox goes on for a while, with a job that another worker does, too.
    await orphaning.kill("SIGKILL", { alone: true });
    const [sandbox] = await until(async () => {
      const children = await other.children();
      return children.length > 0 && children;
    }, "a sandbox ran");
    process.kill(sandbox, "SIGKILL");
    const replacement = example.run("work");
    await replacement.says("ready");

    const before = await count();
    await until(async () => (await count()) >= before + 30, "more streams were made");
    await redis.kill();
    await other.says("Redis is away");
    await wait(200);
    await redis.start();

    expect(await adding.ended).toBe(1);
    expect(adding.output).toContain("201 pictures, 1 dead: node dead.mjs tells why");
    expect(await example.outputOf("dead")).toMatch(/poisoned\.png: invalid-image: Expected .* \(1 attempts\)$/);
    await expectAll(paths);

    for (const args of [[join(folder, "nothing"), streams()], [pictures(), streams(), "{quality:50}"], [pictures()]]) {
      const refused = example.run("add", args);
      expect(await refused.ended).toBe(2);
      expect(refused.output).toContain("node add.mjs FOLDER STREAMS [SETTINGS]");
    }
    // Settings that cannot be meant are told for each picture, and forgotten.
    const wrong = add({ qualty: 50 });
    expect(await wrong.ended).toBe(1);
    expect(wrong.output).toContain("201 pictures, 202 dead");
    expect(await example.outputOf("dead")).toMatch(/invalid-parameter: .*did you mean "quality"/);
    expect(await example.outputOf("dead", "--forget")).toBe("202 jobs are forgotten");
    await expectAll(paths);

    // A second run does nothing, but for the poisoned picture, which is made once it is mended and tried again.
    expect(await add().ended).toBe(1);
    await writeFile(poisoned, await readFile(paths[0]));
    expect(await example.outputOf("dead", "--retry")).toBe("1 jobs are in the queue again");
    const second = add();
    expect(await second.ended).toBe(0);
    expect(second.output).toContain("201 pictures, 0 dead");
    await expectAll([...paths, poisoned]);
    // Told to end, a worker does.
    await replacement.kill("SIGTERM");
    expect(await replacement.ended).toBe(0);
  }, 300_000);

  it("holds no more in the queue than it may, each picture once however often it is added", async () => {
    const paths = await drawPictures(pictures(), 60, 16);
    // Links are pictures, too, and lead round in no circle.
    await mkdir(join(folder, "elsewhere"));
    const moved = join(folder, "elsewhere", "moved");
    await rename(paths[0], moved);
    await symlink(moved, paths[0]);
    await symlink(pictures(), join(pictures(), "circle"));
    await redis.start();
    const first = add({}, { MOST_WAITING: "20" });
    await first.says("20 pictures found, 20 to be done");
    await wait(500);
    expect(first.output).not.toContain("40 pictures found");
    const second = add();
    await second.says("60 pictures found, 60 to be done");
    example.run("work");
    expect(await Promise.all([first.ended, second.ended])).toEqual([0, 0]);
    await expectAll(paths);
  });

  it("tells of workers without memory, and of one that hangs, and makes up for them", async () => {
    const paths = await drawPictures(pictures(), 1, 16);
    await redis.start();
    const starved = example.run("work", [], { HEAP_MB: "7" });
    const adding = add();
    expect(await adding.ended).toBe(1);
    expect(adding.output).toContain("1 pictures, 1 dead");
    expect(await example.outputOf("dead")).toMatch(/picture-0\.png: Unexpected exit code.* \(5 attempts\)$/);
    expect(starved.output).toMatch(/heap out of memory/);
    await starved.kill();

    const hanging = example.run("work", [], { JOB_SECONDS: "3" });
    await hanging.says("ready");
    // The job may be done before this has ended.
    const retried = example.outputOf("dead", "--retry");
    const [sandbox] = await until(async () => {
      const children = await hanging.children();
      return children.length > 0 && children;
    }, "a sandbox ran");
    process.kill(sandbox, "SIGSTOP");
    await retried;
    expect(await hanging.ended).toBe(1);
    expect(hanging.output).toMatch(/picture-0\.png: not done after 3 seconds/);
    process.kill(sandbox, "SIGKILL");

    const last = example.run("work");
    expect(await add().ended).toBe(0);
    await expectAll(paths);

    // A worker that is told to end while Redis is away waits for it, until it is told again.
    await redis.kill();
    await last.says("Redis is away");
    process.kill(last.pid, "SIGTERM");
    await wait(500);
    process.kill(last.pid, "SIGTERM");
    expect([0, 1]).toContain(await last.ended);
  });
});
