import { execFile, spawn } from "node:child_process";
import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createReceiver, createSender, loadModel } from "../../dist/index.js";
import { modelFolder } from "../../dist/node.js";

// What may go wrong around the codec. Each fault returns its facts and `problems`, a list of sentences: empty where all is well.

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const cli = here("../../dist/cli.js");
const golden = (name) => here(`../../test/vectors/golden/${name}`);
const exists = (path) =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Runs a command line to its end, whatever that is. */
function run(command, words, options = {}) {
  return new Promise((resolve) => {
    execFile(command, words, { ...options, maxBuffer: 1 << 26 }, (error, _, stderr) => {
      resolve({ code: error ? error.code : 0, stderr });
    });
  });
}
const isthmus = (words, options) => run(process.execPath, [cli, ...words], options);

const emptyFolder = async (folder, name) => {
  const path = join(folder, name);
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
  return path;
};

/** kill -9 in the middle of a training, as often as told; the last run must end with the weights of an undisturbed one. */
export async function killedTraining(folder, { steps, kills }) {
  const script = here("train.mjs");
  const whole = await emptyFolder(folder, "whole");
  await promisify(execFile)(process.execPath, [script, whole, String(steps)]);
  const killed = await emptyFolder(folder, "killed");
  let done = 0;
  for (; done < kills; done++) {
    // A checkpoint has been written, and the next is under way, or steps are.
    if ((await killAfter([script, killed, String(steps)], 1 + done, 20 * (done + 1))) === "ended") break;
  }
  if (!(await exists(join(killed, "weights"))))
    await promisify(execFile)(process.execPath, [script, killed, String(steps)]);
  const [one, other] = await Promise.all([whole, killed].map((path) => readFile(join(path, "weights"))));
  const problems = [];
  if (done === 0) problems.push("The training ended before it could be killed");
  if (!one.equals(other)) problems.push("A training that was killed and resumed gave other weights");
  return { steps, kills: done, weightBytes: one.length, problems };
}

function killAfter(words, checkpoints, milliseconds) {
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
  let seen = 0;
  child.stdout.on("data", (text) => {
    seen += String(text).split("\n").length - 1;
    if (seen >= checkpoints) setTimeout(() => child.kill("SIGKILL"), milliseconds);
  });
  return new Promise((resolve) => child.on("close", (code) => resolve(code === 0 ? "ended" : "killed")));
}

/** Files may grow to so many blocks of 512 or 1024 bytes and no further, as on a disk that fills up. */
export async function fullDisk(folder, { blocks }) {
  const path = await emptyFolder(folder, "full");
  const words = {
    decode: [golden("photo-quality-100.isth"), "-m", golden("photo.isthm"), "-o", join(path, "full.png")],
  };
  words.export = [golden("photo.isthm"), "--receiver", "-o", join(path, "full.isthm")];
  const problems = [];
  let refused = 0;
  for (const [command, rest] of Object.entries(words)) {
    for (const size of blocks) {
      const line = ["-c", `ulimit -f ${size}; exec "$@"`, "sh", process.execPath, cli, command, ...rest];
      const { code, stderr } = await run("sh", line);
      if (code !== 1 || !stderr.includes("larger than allowed"))
        problems.push(`${command} on a full disk ended with ${code}: ${stderr}`);
      else refused++;
      const left = await readdir(path);
      if (left.length > 0) problems.push(`${command} on a full disk left ${left}`);
    }
  }
  return { refused, problems };
}

/** A file system of 64 KiB that is full to the last so many bytes, where one may be mounted; then the same, read-only. */
export async function fullFileSystem(folder, { free }) {
  const path = await emptyFolder(folder, "small");
  if ((await run("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", path])).code !== 0)
    return { mounted: false, problems: [] };
  const problems = [];
  let refused = 0;
  const refuse = async (what, words, reason) => {
    const { code, stderr } = await isthmus(words);
    const left = (await readdir(path)).filter((name) => name !== "filler");
    if (code !== 1 || !reason.test(stderr)) problems.push(`${what} ended with ${code}: ${stderr}`);
    else if (left.length > 0) problems.push(`${what} left ${left}`);
    else refused++;
  };
  try {
    const words = ["export", golden("photo.isthm"), "--receiver", "-o", join(path, "full.isthm")];
    for (const bytes of free) {
      await writeFile(join(path, "filler"), new Uint8Array(65536 - bytes));
      await refuse(`export with ${bytes} bytes free`, words, /disk is full/);
    }
    await rm(join(path, "filler"));
    await run("mount", ["-o", "remount,ro", path]);
    await refuse("export to a read-only file system", words, /read-only/);
  } finally {
    await run("umount", [path]);
  }
  return { mounted: true, refused, problems };
}

/** Several processes write one file at once; it must be that of one of them, whole. */
export async function writersOfOneFile(folder, { writers, rounds }) {
  const path = await emptyFolder(folder, "shared");
  const [output, picture] = ["out.isth", "picture.png"].map((name) => join(path, name));
  const model = ["-m", golden("photo.isthm")];
  await isthmus(["decode", golden("photo-alpha.isth"), ...model, "-o", picture]);
  const problems = [];
  const qualities = Array.from({ length: writers }, (_, i) => String(Math.floor((100 * i) / writers)));
  const expected = [];
  for (const quality of qualities) {
    await isthmus(["encode", picture, ...model, "-q", quality, "-f", "-o", output]);
    expected.push(await readFile(output));
  }
  for (let round = 0; round < rounds; round++) {
    const ends = await Promise.all(
      qualities.map((quality) => isthmus(["encode", picture, ...model, "-q", quality, "-f", "-o", output])),
    );
    if (ends.some(({ code }) => code !== 0))
      problems.push(`A writer among others failed: ${ends.map(({ stderr }) => stderr).join("")}`);
    const written = await readFile(output);
    if (!expected.some((bytes) => bytes.equals(written)))
      problems.push("A file of several writers is that of none of them");
  }
  const left = (await readdir(path)).filter((name) => name.startsWith(".") || name.includes("partial"));
  if (left.length > 0) problems.push(`Writers left ${left}`);
  return { writers, rounds, problems };
}

/** ^C while a stream is being decoded and written. */
export async function interruptedDecode(folder, { times }) {
  const path = await emptyFolder(folder, "interrupted");
  const [picture, stream, output] = ["large.png", "large.isth", "out.png"].map((name) => join(path, name));
  const { default: sharp } = await import("sharp");
  const noise = { type: "gaussian", mean: 128, sigma: 30 };
  await sharp({ create: { width: 2400, height: 1800, channels: 3, background: "grey", noise } })
    .png()
    .toFile(picture);
  await isthmus(["encode", picture, "-m", golden("photo.isthm"), "-o", stream]);
  const started = performance.now();
  await isthmus(["decode", stream, "-m", golden("photo.isthm"), "-o", output]);
  const undisturbed = performance.now() - started;
  await rm(output);
  const problems = [];
  let interrupted = 0;
  for (let i = 0; i < times; i++) {
    const child = spawn(process.execPath, [cli, "decode", stream, "-m", golden("photo.isthm"), "-o", output, "-f"]);
    setTimeout(() => child.kill("SIGINT"), (undisturbed * (i + 1)) / (times + 1));
    const code = await new Promise((resolve) => child.on("close", (status, signal) => resolve(status ?? signal)));
    if (code === 130 || code === "SIGINT") interrupted++;
    else if (code !== 0) problems.push(`An interrupted decode ended with ${code}`);
    const left = (await readdir(path)).filter((name) => name.includes("partial"));
    if (left.length > 0) problems.push(`An interrupted decode left ${left}`);
    if (code !== 0 && (await exists(output))) problems.push("An interrupted decode left its output");
    await rm(output, { force: true });
  }
  return { times, interrupted, problems };
}

/** The file of a model is exchanged, and damaged, under a sender and a receiver that are at work. */
export async function swappedModel(folder) {
  const path = await emptyFolder(folder, "swapped");
  const file = join(path, "model.isthm");
  await copyFile(golden("photo.isthm"), file);
  const image = { data: new Uint8Array(30 * 20 * 3).map((_, i) => i), width: 30, height: 20, channels: 3 };
  const bytesOf = async () => new Uint8Array(await readFile(file));
  const sender = await createSender({ model: await bytesOf() });
  const receiver = createReceiver({ resolveModel: bytesOf, store: modelFolder(join(path, "store")) });
  const before = await sender.encode(image);
  const first = await receiver.decode(before);
  await copyFile(golden("integers.isthm"), file);
  const problems = [];
  const after = await sender.encode(image);
  if (!Buffer.from(after).equals(Buffer.from(before)))
    problems.push("A sender whose model file was exchanged sends something else");
  if (!Buffer.from((await receiver.decode(after)).data).equals(Buffer.from(first.data)))
    problems.push("A receiver shows something else");
  const codeOf = (work) =>
    work.then(
      () => "none",
      (error) => error.code,
    );
  const late = await codeOf(createReceiver({ resolveModel: bytesOf }).decode(after));
  if (late !== "model-mismatch") problems.push(`A receiver that found the other model said ${late}`);
  // The store still holds the right model; damaged, it is not believed.
  const store = join(path, "store");
  const id = loadModel(new Uint8Array(await readFile(golden("photo.isthm")))).id;
  const stored = (await readdir(store)).filter((name) => name.includes(id));
  if (stored.length !== 1) problems.push(`The store holds ${await readdir(store)}`);
  const kept = createReceiver({ resolveModel: () => undefined, store: modelFolder(store) });
  if ((await codeOf(kept.decode(after))) !== "none") problems.push("A receiver did not find the model in its store");
  const damaged = await readFile(join(store, stored[0]));
  damaged[damaged.length - 5] ^= 1;
  await writeFile(join(store, stored[0]), damaged);
  const doubting = createReceiver({ resolveModel: () => undefined, store: modelFolder(store) });
  const refused = await codeOf(doubting.decode(after));
  if (refused !== "model-missing") problems.push(`A receiver with a damaged store said ${refused}`);
  return { problems };
}
