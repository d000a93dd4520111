// Trains the embedded model of photos, or goes on with a training that was stopped:
//
//   node scripts/train-default.mjs PHOTOS --from models/default.isthm --minutes 60 --out models/default.isthm
//
// `--steps N` in place of `--minutes` can be repeated bit for bit. Every `--held-out`th photo is held back and judged every `--report` minutes. Checkpoints, the
// log (JSON lines) and the last snapshot are kept in `--folder`; where a checkpoint is there, the training goes on from it, whatever the other options
// say. ^C and SIGTERM leave a checkpoint. The card beside the model (models/default.md) is written anew but for its sections from "Training images" on.
import { appendFile, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    package: { type: "string", default: new URL("../dist/", import.meta.url).href },
    from: { type: "string" },
    out: { type: "string" },
    folder: { type: "string", default: ".scratch/default" },
    steps: { type: "string" },
    minutes: { type: "string", default: "60" },
    threads: { type: "string" },
    seed: { type: "string", default: "0" },
    tune: { type: "string", default: "ssimulacra2" },
    rate: { type: "string", default: "1.5e-3" },
    // Lambda at qualities 0 and 100, as two numbers: another range of qualities, counted anew for the weights of --from.
    lambda: { type: "string" },
    "held-out": { type: "string", default: "48" },
    report: { type: "string", default: "60" },
    name: { type: "string", default: "Isthmus photo" },
  },
});
const [photos] = positionals;
if (!photos || !values.out) throw new Error("Expected a folder of photos and --out FILE");

const { Model, loadCodec, psnr, ssimulacra2 } = await import(new URL("index.js", values.package));
const { readImages, train } = await import(new URL("node.js", values.package));
const qualities = [0, 25, 50, 75, 100];
await mkdir(values.folder, { recursive: true });
const file = (name) => join(values.folder, name);

const all = await readImages(photos);
const every = Number(values["held-out"]);
const isHeldOut = (_, i) => i % every === every - 1;
const heldOut = all.filter(isHeldOut);
const images = all.filter((image, i) => !isHeldOut(image, i));

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => stop.abort(new Error("stopped")));
const resume = await readFile(file("checkpoint")).catch(() => undefined);
await log({ event: resume ? "resume" : "start", images: images.length, heldOut: heldOut.length, ...values });

let reported = Number.NEGATIVE_INFINITY;
const model = await train(images, {
  preset: "photo",
  // It is what others are differences to.
  difference: 0,
  ...(resume ? { resume } : begin()),
  ...(values.threads && { threads: Number(values.threads) }),
  ...(values.from && { from: Model.read(await readFile(values.from)) }),
  name: values.name,
  licence: "MIT",
  signal: stop.signal,
  checkpointSeconds: 180,
  snapshotSeconds: 60 * Number(values.report),
  onCheckpoint: (bytes) => replace(file("checkpoint"), bytes),
  onSnapshot: async (snapshot) => {
    await replace(file("snapshot.isthm"), snapshot.bytes);
    await log({ event: "snapshot", ...(await judge(snapshot)) });
  },
  onProgress: async ({ phase, step, steps, ...progress }) => {
    if (performance.now() - reported < 30_000 && step !== steps) return;
    reported = performance.now();
    await log({ event: phase, step, steps, ...progress });
  },
});
await replace(values.out, model.bytes);
const { points } = await judge(model);
await log({ event: "end", id: model.id, bytes: model.bytes.length, facts: model.training, points });
await writeCard(values.out.replace(/\.isthm$/, ".md"), points);

/** What shapes the training, where it does not go on. */
function begin() {
  const duration = values.steps ? { steps: Number(values.steps) } : { minutes: Number(values.minutes) };
  const [low, high] = values.lambda?.split(",").map(Number) ?? [];
  return {
    ...duration,
    seed: Number(values.seed),
    tune: values.tune,
    learningRate: Number(values.rate),
    ...(values.lambda && { lambda: { low, high } }),
  };
}

async function writeCard(path, points) {
  const { configuration: c, training: facts } = model;
  const kept = (await readFile(path, "utf8").catch(() => "")).match(/\n## Training images[\s\S]*/)?.[0] ?? "\n";
  const started = values.from
    ? `from ${values.from.split("/").pop()} (${Model.read(await readFile(values.from)).id})`
    : "from nothing";
  const made = values.steps ? `--steps ${values.steps}` : `--minutes ${values.minutes}`;
  const rows = [
    ["id", `\`${model.id}\``],
    [
      "graph",
      `preset \`${c.preset}\`, patch ${c.patch.width}, ${c.latents} latents, ${c.analysis.blocks} residual blocks before and ${c.synthesis.blocks} after the neck`,
    ],
    ["tune", `\`${values.tune}\``],
    ["size", `file ${model.bytes.length} bytes, receiver's half ${model.receiver().length} bytes`],
    [
      "trained",
      `${facts.date}, ${facts.steps} steps of ${facts.batch} crops of ${facts.crop} x ${facts.crop} pixels in ${facts.seconds} s, seed ${facts.seed}, ${started}`,
    ],
    [
      "made by",
      `\`node scripts/train-default.mjs PHOTOS --tune ${values.tune} ${made} --rate ${values.rate}${values.lambda ? ` --lambda ${values.lambda}` : ""} --seed ${values.seed}\`, ${images.length} photos, ${heldOut.length} held back`,
    ],
    [
      "training loss, last steps",
      `${facts.loss.toFixed(4)} (${facts.bitsPerPixel.toFixed(3)} bits a pixel, ${facts.psnr.toFixed(2)} dB, means over all qualities)`,
    ],
    ["licence", "weights: MIT"],
  ];
  const table = rows.map(([name, value]) => `| ${name} | ${value} |`).join("\n");
  const judged = points
    .map(
      (point) =>
        `| ${point.quality} | ${point.bitsPerPixel.toFixed(3)} | ${point.ssimulacra2.toFixed(1)} | ${point.psnr.toFixed(2)} |`,
    )
    .join("\n");
  const held = `On the ${heldOut.length} photos that were held back, real bytes at effort 0, means:\n\n| quality | bits a pixel | SSIMULACRA 2 | PSNR |\n|---|---|---|---|\n${judged}`;
  await replace(path, `# Model card: ${values.name}\n\n| | |\n|---|---|\n${table}\n\n${held}\n${kept}`);
}

/** Means over the photos that were held back: real bytes, effort 0. */
async function judge(trained) {
  const codec = await loadCodec({ model: trained });
  const points = [];
  for (const quality of qualities) {
    const found = [];
    for (const image of heldOut) {
      const bytes = await codec.encode(image, { quality });
      const decoded = await codec.decode(bytes);
      const bitsPerPixel = (8 * bytes.length) / (image.width * image.height);
      found.push([bitsPerPixel, await ssimulacra2(image, decoded), psnr(image, decoded)]);
    }
    const mean = (i) => Number((found.reduce((sum, values) => sum + values[i], 0) / found.length).toFixed(4));
    points.push({ quality, bitsPerPixel: mean(0), ssimulacra2: mean(1), psnr: mean(2) });
  }
  return { points };
}

async function log(entry) {
  await appendFile(file("log.jsonl"), `${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`);
}

/** Whoever reads it meanwhile never sees half a file. */
async function replace(path, bytes) {
  await writeFile(`${path}.partial`, bytes);
  await rename(`${path}.partial`, path);
}
