import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { createReceiver, createSender, loadModel } from "../../dist/index.js";
import { modelFolder } from "../../dist/node.js";
import { bytesAt, golden, outcomeOf, place, runNode } from "../frame/index.mjs";

// What may go wrong around the codec. Each fault works in a folder of its own and returns its facts and `problems`, a list of sentences: empty where all is
// well.

const cli = place("dist/cli.js");
const goldenPath = (name) => place(`test/vectors/golden/${name}`);
const withModel = ["-m", goldenPath("photo.isthm")];
const isthmus = (...words) => outcomeOf(process.execPath, [cli, ...words]);
const isSame = (one, other) => Buffer.from(one).equals(Buffer.from(other));

/** kill -9 in the middle of a training, as often as told; the last run must end with the weights of an undisturbed one. */
export async function killedTraining(folder, { steps, kills }) {
  const words = (name) => [place("bench/soak/train.mjs"), join(folder, name), String(steps)];
  const weights = (name) => join(folder, name, "weights");
  for (const name of ["whole", "killed"]) await mkdir(join(folder, name));
  await runNode(...words("whole"));
  let done = 0;
  for (; done < kills; done++) {
    // A checkpoint has been written, and the next is under way, or steps are.
    if ((await killAfter(words("killed"), 1 + done, 20 * (done + 1))) === "ended") break;
  }
  if (!existsSync(weights("killed"))) await runNode(...words("killed"));
  const [one, other] = await Promise.all(["whole", "killed"].map((name) => readFile(weights(name))));
  const problems = [];
  if (done === 0) problems.push("The training ended before it could be killed");
  if (!one.equals(other)) problems.push("A training that was killed and resumed gave other weights");
  return { steps, kills: done, weightBytes: one.length, problems };
}

async function killAfter(words, checkpoints, milliseconds) {
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
  let seen = 0;
  child.stdout.on("data", (text) => {
    seen += String(text).split("\n").length - 1;
    if (seen >= checkpoints) setTimeout(() => child.kill("SIGKILL"), milliseconds);
  });
  const [code] = await once(child, "close");
  return code === 0 ? "ended" : "killed";
}

/** Files may grow to so many blocks of 512 or 1024 bytes and no further, as on a disk that fills up. */
export async function fullDisk(folder, { blocks }) {
  const commands = {
    decode: [goldenPath("photo-quality-100.isth"), ...withModel, "-o", join(folder, "full.png")],
    export: [goldenPath("photo.isthm"), "--receiver", "-o", join(folder, "full.isthm")],
  };
  const trials = Object.entries(commands).flatMap(([command, words]) =>
    blocks.map((size) => ({
      what: `${command} on a full disk`,
      outcome: () =>
        outcomeOf("sh", ["-c", `ulimit -f ${size}; exec "$@"`, "sh", process.execPath, cli, command, ...words]),
      reason: /larger than allowed/,
    })),
  );
  return refusals(folder, trials);
}

/** A file system of 64 KiB that is full to the last so many bytes, where one may be mounted; then the same, read-only. */
export async function fullFileSystem(folder, { free }) {
  if ((await outcomeOf("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder])).code !== 0)
    return { mounted: false, problems: [] };
  const filler = join(folder, "filler");
  const exported = () => isthmus("export", goldenPath("photo.isthm"), "--receiver", "-o", join(folder, "full.isthm"));
  const full = free.map((bytes) => ({
    what: `export with ${bytes} bytes free`,
    outcome: () => writeFile(filler, new Uint8Array(65536 - bytes)).then(exported),
    reason: /disk is full/,
  }));
  const readOnly = {
    what: "export to a read-only file system",
    outcome: async () => {
      await rm(filler);
      await outcomeOf("mount", ["-o", "remount,ro", folder]);
      return exported();
    },
    reason: /read-only/,
  };
  try {
    return { mounted: true, ...(await refusals(folder, [...full, readOnly])) };
  } finally {
    await outcomeOf("umount", [folder]);
  }
}

/** Each trial must end with an error that tells the reason, and leave nothing behind. */
async function refusals(folder, trials) {
  const problems = [];
  let refused = 0;
  for (const { what, outcome, reason } of trials) {
    const { code, stderr } = await outcome();
    const left = (await readdir(folder)).filter((name) => name !== "filler");
    if (code !== 1 || !reason.test(stderr)) problems.push(`${what} ended with ${code}: ${stderr}`);
    else refused++;
    if (left.length > 0) problems.push(`${what} left ${left}`);
  }
  return { refused, problems };
}

/** Several processes write one file at once; it must be that of one of them, whole. */
export async function writersOfOneFile(folder, { writers, rounds }) {
  const [output, picture] = ["out.isth", "picture.png"].map((name) => join(folder, name));
  await isthmus("decode", goldenPath("photo-alpha.isth"), ...withModel, "-o", picture);
  const problems = [];
  const qualities = Array.from({ length: writers }, (_, i) => String(Math.floor((100 * i) / writers)));
  const write = (quality) => isthmus("encode", picture, ...withModel, "-q", quality, "-f", "-o", output);
  const expected = [];
  for (const quality of qualities) {
    await write(quality);
    expected.push(await readFile(output));
  }
  for (let round = 0; round < rounds; round++) {
    const ends = await Promise.all(qualities.map(write));
    if (ends.some(({ code }) => code !== 0))
      problems.push(`A writer among others failed: ${ends.map(({ stderr }) => stderr).join("")}`);
    const written = await readFile(output);
    if (!expected.some((bytes) => bytes.equals(written)))
      problems.push("A file of several writers is that of none of them");
  }
  const left = (await readdir(folder)).filter((name) => name.startsWith(".") || name.includes("partial"));
  if (left.length > 0) problems.push(`Writers left ${left}`);
  return { writers, rounds, problems };
}

/** ^C while a stream is being decoded and written. */
export async function interruptedDecode(folder, { times }) {
  const [picture, stream, output] = ["large.png", "large.isth", "out.png"].map((name) => join(folder, name));
  const noise = { type: "gaussian", mean: 128, sigma: 30 };
  const large = sharp({ create: { width: 2400, height: 1800, channels: 3, background: "grey", noise } });
  await large.png().toFile(picture);
  await isthmus("encode", picture, ...withModel, "-o", stream);
  const words = ["decode", stream, ...withModel, "-o", output];
  const started = performance.now();
  await isthmus(...words);
  const undisturbed = performance.now() - started;
  await rm(output);
  const problems = [];
  let interrupted = 0;
  for (let i = 0; i < times; i++) {
    const child = spawn(process.execPath, [cli, ...words, "-f"]);
    setTimeout(() => child.kill("SIGINT"), (undisturbed * (i + 1)) / (times + 1));
    const [status, signal] = await once(child, "close");
    const code = status ?? signal;
    if (code === 130 || code === "SIGINT") interrupted++;
    else if (code !== 0) problems.push(`An interrupted decode ended with ${code}`);
    const left = (await readdir(folder)).filter((name) => name.includes("partial"));
    if (left.length > 0) problems.push(`An interrupted decode left ${left}`);
    if (code !== 0 && existsSync(output)) problems.push("An interrupted decode left its output");
    await rm(output, { force: true });
  }
  return { times, interrupted, problems };
}

/** The file of a model is exchanged, and damaged, under a sender and a receiver that are at work. */
export async function swappedModel(folder) {
  const [file, store] = [join(folder, "model.isthm"), join(folder, "store")];
  await copyFile(goldenPath("photo.isthm"), file);
  const model = () => bytesAt(file);
  const image = { data: new Uint8Array(30 * 20 * 3).map((_, i) => i), width: 30, height: 20, channels: 3 };
  const sender = await createSender({ model: await model() });
  const receiver = createReceiver({ resolveModel: model, store: modelFolder(store) });
  const before = await sender.encode(image);
  const first = await receiver.decode(before);
  await copyFile(goldenPath("integers.isthm"), file);
  const after = await sender.encode(image);
  const problems = [];
  if (!isSame(after, before)) problems.push("A sender whose model file was exchanged sends something else");
  if (!isSame((await receiver.decode(after)).data, first.data)) problems.push("A receiver shows something else");
  const codeOf = (options) =>
    createReceiver(options)
      .decode(after)
      .then(
        () => "none",
        ({ code }) => code,
      );
  const late = await codeOf({ resolveModel: model });
  if (late !== "model-mismatch") problems.push(`A receiver that found the other model said ${late}`);
  // The store still holds the right model; damaged, it is not believed.
  const { id } = loadModel(await golden("photo.isthm"));
  const stored = (await readdir(store)).filter((name) => name.includes(id));
  if (stored.length !== 1) problems.push(`The store holds ${await readdir(store)}`);
  const kept = { resolveModel: () => undefined, store: modelFolder(store) };
  if ((await codeOf(kept)) !== "none") problems.push("A receiver did not find the model in its store");
  const damaged = await readFile(join(store, stored[0]));
  damaged[damaged.length - 5] ^= 1;
  await writeFile(join(store, stored[0]), damaged);
  const refused = await codeOf({ ...kept, store: modelFolder(store) });
  if (refused !== "model-missing") problems.push(`A receiver with a damaged store said ${refused}`);
  return { problems };
}
