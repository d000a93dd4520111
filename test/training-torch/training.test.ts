import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Codec } from "../../src/codec/codec.js";
import type { DecodedImage } from "../../src/image/image.js";
import { psnr } from "../../src/image/psnr.js";
import { Model } from "../../src/models/model.js";
import { writeImage } from "../../src/node.js";
import { finishModel } from "../../src/training/finish-model.js";
import { train } from "../../src/training/train.js";
import { drawPictures } from "../reference/pictures.js";
import { describeWithTorch, difference, type Ended, floatsOf, pathOf, readTensors, runPython } from "./python.js";

const script = pathOf("training/train.py");
/** Of each picture of the set: files of every kind. */
const endings = ["png", "jpg", "webp", "png", "png"];

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

describeWithTorch("training/train.py", () => {
  let folder: string;
  let pictures: DecodedImage[];
  let model: Model;
  /** The training in one process, in 32 bits, whose model is alone.isthm. */
  let alone: Ended;
  const at = (name: string): string => join(folder, name);
  const settings = ["--steps", "4", "--batch", "4", "--crop", "64", "--log-seconds", "0"];
  const argsFor = (out: string, source = "pictures"): string[] => [
    script,
    at(source),
    "--from",
    at("start.isthm"),
    "--out",
    at(out),
    ...settings,
  ];
  const eventsIn = (output: string): Record<string, unknown>[] =>
    output
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  const lossesIn = (output: string) =>
    eventsIn(output).flatMap(({ event, loss }) => (event === "step" ? [loss as number] : []));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "isthmus-torch-"));
    pictures = drawPictures(endings.length, 120, 90, 3);
    await mkdir(at("pictures"));
    for (const [i, picture] of pictures.entries()) await writeImage(picture, at(`pictures/${i}.${endings[i]}`));
    await writeFile(at("pictures/torn.png"), (await readFile(at("pictures/0.png"))).subarray(0, 20));
    await writeFile(at("pictures/notes.txt"), "no picture");
    const names = endings.map((ending, i) => `${i}.${ending}`);
    execFileSync("tar", ["-cf", at("shard.tar"), "-C", at("pictures"), ...names]);
    const options = { preset: "photo", from: null, steps: 3, batch: 2, latents: 16, tune: "ssimulacra2" } as const;
    model = await train(pictures, options);
    await writeFile(at("start.isthm"), model.safetensors());
    alone = await runPython([...argsFor("alone.isthm"), "--workers", "1"]);
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("trains a model that codes here, whose receiver's half decodes the same pixels", async () => {
    expect(alone).toMatchObject({ code: 0, errors: "" });
    const events = eventsIn(alone.output);
    expect(events.map(({ event }) => event)).toEqual(["start", "skipped", ...new Array(4).fill("step"), "end"]);
    expect(events[0]).toMatchObject({ pictures: 5, processes: 1, device: "cpu", blocks: "float32" });
    expect(events[1]).toMatchObject({ picture: "torn.png" });
    for (const event of events.slice(2, 6)) {
      expect(event).toMatchObject({
        loss: expect.any(Number),
        psnr: expect.any(Number),
        ssimulacra2: expect.any(Number),
      });
    }

    const trained = Model.read(await readFile(at("alone.isthm")));
    expect(trained.training).toMatchObject({ images: 5, steps: 4, batch: 4, crop: 64, seed: 0 });
    const finished = await finishModel(trained, pictures, { crops: 2, seed: 3 });
    expect(finished.id).not.toBe(trained.id);
    expect(finished.tables).not.toEqual(model.tables);
    expect(finished.bytes.length).toBeLessThan(trained.bytes.length / 3);
    for (const [name, values] of finished.weights()) {
      // What files round weights to, 20 steps for the largest of a column.
      expect(difference(trained.weights().get(name)!, values), name).toBeLessThan(1 / 39);
    }
    const again = Model.read(await readFile(at("alone.isthm")));
    expect((await finishModel(again, pictures, { crops: 2, seed: 3 })).id).toBe(finished.id);

    // The command does the same over files.
    const command = [pathOf("training/finish.mjs"), at("alone.isthm"), at("pictures"), "--out", at("my.isthm")];
    const said = execFileSync("node", [...command, "--crops", "1", "--held-out", "5"], { encoding: "utf8" });
    const mine = Model.read(await readFile(at("my.isthm")));
    expect(said).toBe(`${at("my.isthm")}: model ${mine.id}, ${mine.bytes.length} bytes\n`);
    expect(mine.weights()).toEqual(finished.weights());
    expect(mine.tables).not.toEqual(trained.tables);

    const codec = await Codec.create(finished);
    const receiver = await Codec.create(finished.receiver());
    for (const quality of [10, 90]) {
      const bytes = await codec.encode(pictures[1], { quality });
      const decoded = await receiver.decode(bytes);
      expect(await codec.decode(bytes)).toEqual(decoded);
      expect(psnr(pictures[1], decoded)).toBeGreaterThan(15);
    }
    const [coarse, fine] = await Promise.all([10, 90].map((quality) => codec.encode(pictures[1], { quality })));
    expect(coarse.length).toBeLessThan(fine.length);
  });

  test("trains the same model in two processes, from a tar file", async () => {
    // torchrun. Where the output goes is said because PyTorch 1.13 fails over its own default under Python 3.11.
    const launcher = ["-m", "torch.distributed.run", "--nproc_per_node", "2", "--redirects", "1", "--tee", "1"];
    const meeting = ["--log_dir", at("logs"), "--master_addr", "127.0.0.1", "--master_port", String(await freePort())];
    // By Adam: what SOAP's first bases do with directions that the first gradients leave out is up to rounding.
    const own = ["--rate", "4e-4", "--matrices", "adam", "--workers", "0"];
    const one = await runPython([...argsFor("one.isthm"), ...own]);
    expect(one).toMatchObject({ code: 0, errors: "" });
    const two = await runPython([...launcher, ...meeting, ...argsFor("two.isthm", "shard.tar"), ...own]);
    expect(two.code, two.errors).toBe(0);
    const log = two.output.replaceAll(/^\[\w+\]:/gm, "");
    const [start] = eventsIn(log);
    expect(start).toMatchObject({ processes: 2, pictures: 5 });
    expect(difference(lossesIn(one.output), lossesIn(log))).toBeLessThan(1e-4);
    const [alone, together] = await Promise.all(["one", "two"].map((name) => readTensors(at(`${name}.isthm`))));
    expect([...together.keys()]).toEqual([...alone.keys()]);
    for (const [name, tensor] of alone) {
      if (tensor.dtype !== "F32") continue;
      // A latent between two symbols may be rounded to the other one.
      expect(difference(floatsOf(tensor), floatsOf(together.get(name)!)), name).toBeLessThan(1e-3);
    }
  });

  test("leaves a checkpoint when it is ended, and goes on from it to the same model", async () => {
    const args = [...argsFor("resumed.isthm"), "--workers", "0", "--checkpoint-minutes", "0"];
    let asked = false;
    const ended = await runPython(args, {}, (output, kill) => {
      if (!asked && output.includes('"event": "checkpoint"')) kill("SIGTERM");
      asked ||= output.includes('"event": "checkpoint"');
    });
    expect(ended).toMatchObject({ code: 130, errors: "" });
    expect(await readdir(folder)).toContain("resumed.isthm.checkpoint");
    expect(await readdir(folder)).not.toContain("resumed.isthm");

    const others = await runPython([...args, "--resume", "--held-out", "2"]);
    expect(others.errors).toMatch(/Expected the pictures of .*resumed\.isthm\.checkpoint but received another one/);
    const resumed = await runPython([...args, "--resume"]);
    expect(resumed).toMatchObject({ code: 0, errors: "" });
    const { event, step } = eventsIn(resumed.output)[0];
    expect(event).toBe("resume");
    expect(step).toBeGreaterThan(0);
    expect(step).toBeLessThan(4);
    expect(await readdir(folder)).not.toContain("resumed.isthm.checkpoint");
    const [alone, again] = await Promise.all(["alone", "resumed"].map((name) => readTensors(at(`${name}.isthm`))));
    expect(again).toEqual(alone);
  });

  test("computes residual blocks in bfloat16 where it is asked to, with nearly the same loss", async () => {
    const args = [...argsFor("half.isthm"), "--precision", "bfloat16", "--workers", "0"];
    const { code, output, errors } = await runPython(args);
    expect({ code, errors }).toEqual({ code: 0, errors: "" });
    expect(eventsIn(output)[0]).toMatchObject({ blocks: "bfloat16", matrices: "soap" });
    const first = lossesIn(output)[0];
    const losses = lossesIn(alone.output);
    expect(first).not.toBe(losses[0]);
    expect(Math.abs(first - losses[0]) / losses[0]).toBeLessThan(0.01);
  });

  const vector = (): Promise<Buffer> => readFile(new URL("../vectors/golden/vector.isthm", import.meta.url));
  const refused: [string, () => Promise<Uint8Array> | Uint8Array, RegExp][] = [
    ["a coded model", () => model.bytes, /Expected a plain safetensors file .* npx isthmus export --safetensors/],
    ["the receiver's half", () => Model.read(model.receiver()).safetensors(), /Expected a whole model .* half of one/],
    [
      "another preset",
      async () => Model.read(await vector()).safetensors(),
      /Expected a model of preset photo .* preset vector/,
    ],
    ["no model at all", () => new Uint8Array(100).fill(65), /Expected a safetensors file .* something else/],
    [
      "a part of a model",
      () => model.safetensors().subarray(0, 60_000),
      /Expected a safetensors file .* a part of one/,
    ],
  ];
  test.each(refused)("refuses %s", async (_, bytes, message) => {
    await writeFile(at("bad.isthm"), await bytes());
    const ended = await runPython([script, at("pictures"), "--from", at("bad.isthm"), "--out", at("none.isthm")]);
    expect(ended).toMatchObject({ code: 1, output: "" });
    expect(ended.errors).toMatch(/^train\.py: [^\n]*\n$/);
    expect(ended.errors).toMatch(message);
  });

  test("tells where there are no pictures, no PyTorch, and no such crop", async () => {
    const [line, ...own] = argsFor("none.isthm");
    const errorOf = async (args: readonly string[], more = {}) => {
      const { code, output, errors } = await runPython(args, more);
      expect({ code, output }).toEqual({ code: 1, output: "" });
      expect(errors).toMatch(/^train\.py: [^\n]*\n$/);
      return errors;
    };
    await mkdir(at("empty"));
    expect(await errorOf(argsFor("none.isthm", "empty"))).toMatch(
      /Expected pictures \(PNG, JPEG or WebP\) in .*empty but found none/,
    );
    expect(await errorOf(argsFor("none.isthm", "nowhere"))).toMatch(
      /Expected a folder, a tar file or a picture .*nowhere/,
    );
    await writeFile(at("torn.tar"), "no tar file, but longer than nothing");
    expect(await errorOf(argsFor("none.isthm", "torn.tar"))).toMatch(
      /Expected a tar file without compression for .*torn\.tar/,
    );
    await mkdir(at("modules"));
    await writeFile(at("modules/torch.py"), 'raise ModuleNotFoundError("none", name="torch")\n');
    const missing = await errorOf([line, ...own], { PYTHONPATH: at("modules") });
    expect(missing).toMatch(/Expected Python's package torch but it is not installed/);
    expect(await errorOf([line, ...own, "--crop", "60"])).toMatch(
      /Expected a multiple of 8 for --crop but received 60/,
    );
    expect(await readdir(folder)).not.toContain("none.isthm");
  });

  test("ends where the loss is no number any more", async () => {
    const args = [...argsFor("none.isthm"), "--rate", "1e12", "--workers", "0"];
    const { code, errors } = await runPython(args);
    expect(code).toBe(1);
    expect(errors).toMatch(
      /^train\.py: Expected a finite loss by step \d but received (nan|inf): lower --rate[^\n]*\n$/,
    );
    expect(await readdir(folder)).not.toContain("none.isthm");
  });
});
