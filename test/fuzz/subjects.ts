import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDecoder } from "../../src/codec/create-decoder.js";
import type { Decoder } from "../../src/codec/decoder.js";
import { createReceiver, type Receiver } from "../../src/exchange/receiver.js";
import { sendScene } from "../../src/exchange/scene-sender.js";
import { createSender } from "../../src/exchange/sender.js";
import { finish } from "../../src/ground/steps.js";
import { loadKernels } from "../../src/kernels/instantiate.js";
import { Model } from "../../src/models/model.js";
import { Network } from "../../src/models/network.js";
import { encodePng } from "../../src/preview/png.js";
import { loadPreviewModel, writePreviewModel } from "../../src/preview/preview-model.js";
import type { PreviewModel, Weights } from "../../src/preview/preview-network.js";
import { tensorNames, tensorTable } from "../../src/preview/tensors.js";
import { type Checkpoint, SavedTraining, writeCheckpoint } from "../../src/training/checkpoint.js";
import { Optimiser, photoOptimiser } from "../../src/training/optimiser.js";
import type { BareShape } from "../reference/decoder/decode.js";
import { ReferenceModel } from "../reference/decoder/model.js";
import { readTensorFile, type TensorFile } from "../reference/decoder/safetensors.js";
import { drawExactPicture } from "../reference/exact-pictures.js";
import { fieldsOf, type StreamFields } from "./mutate-stream.js";

/** A good model and streams of it, from which inputs are made. */
export interface Subject {
  readonly name: string;
  readonly model: Model;
  readonly file: TensorFile;
  readonly reference: ReferenceModel;
  readonly decoder: Decoder;
  readonly streams: readonly StreamFields[];
  readonly bare: readonly { readonly frame: Uint8Array; readonly shape: BareShape }[];
}

/** Frames of a scene, each the change of the one before. */
export interface SceneSubject {
  readonly receiver: Receiver;
  readonly frames: readonly Uint8Array[];
}

export interface Subjects {
  readonly scenes: readonly SceneSubject[];
  readonly coders: readonly Subject[];
  /** The two whose files are smallest. */
  readonly smallest: readonly Subject[];
  /** A folder of their own for commands, with the models of all coders. */
  readonly folder: string;
  /** A PNG file. */
  readonly picture: Uint8Array;
  readonly previewModel: PreviewModel;
  readonly previewFile: TensorFile;
  readonly checkpoint: SubjectCheckpoint;
}

/** A checkpoint of the smallest model's training, and what goes on from another. */
export interface SubjectCheckpoint {
  readonly bytes: Uint8Array;
  readonly file: TensorFile;
  readonly restore: (bytes: Uint8Array) => void;
}

/** The golden files of a folder, as subjects. */
export async function readSubjects(golden: URL): Promise<Subjects> {
  const read = (file: string) => new Uint8Array(readFileSync(new URL(file, golden)));
  const { good } = JSON.parse(readFileSync(new URL("golden.json", golden), "utf8")) as {
    good: { name: string; model: string; bare?: BareShape }[];
  };
  const names = [...new Set(good.map(({ model }) => model))];
  const coders = await Promise.all(
    names.map(async (name): Promise<Subject> => {
      const bytes = read(`${name}.isthm`);
      const model = Model.read(bytes);
      const own = good.filter((one) => one.model === name);
      return {
        name,
        model,
        file: readTensorFile(bytes),
        reference: new ReferenceModel(bytes),
        decoder: await createDecoder(model),
        streams: own.filter(({ bare }) => !bare).map((one) => fieldsOf(read(`${one.name}.isth`))),
        bare: own.flatMap((one) => (one.bare ? [{ frame: read(`${one.name}.isth`), shape: one.bare }] : [])),
      };
    }),
  );
  const previewBytes = smallPreviewModel();
  const smallest = [...coders].sort((a, b) => a.model.bytes.length - b.model.bytes.length).slice(0, 2);
  const folder = mkdtempSync(join(tmpdir(), "isthmus-fuzz-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const { name, model } of coders) writeFileSync(join(folder, `${name}.isthm`), model.bytes);
  const picture = encodePng(drawExactPicture({ width: 24, height: 18, channels: 4, kind: "scene", seed: 2 }));
  const scenes = await Promise.all(
    coders
      .filter(({ model: { configuration } }) => !configuration.fixedSize && !configuration.coarser)
      .flatMap(({ model }) => [sceneOf(model, false), sceneOf(model, true)]),
  );
  return {
    scenes,
    coders,
    smallest,
    folder,
    picture,
    previewModel: loadPreviewModel(previewBytes),
    previewFile: readTensorFile(previewBytes),
    checkpoint: await checkpointOf(smallest[0].model),
  };
}

/** A scene of latents, or of few colours and without loss. */
async function sceneOf(model: Model, lossless: boolean): Promise<SceneSubject> {
  const sending = sendScene(await createSender({ model }), { tolerance: 1 });
  const channels = model.configuration.channels === 1 ? 1 : 3;
  const kind = !lossless ? "scene" : channels === 1 ? "ink" : "signs";
  const frames: Uint8Array[] = [];
  for (const seed of [1, 2, 2]) {
    const picture = drawExactPicture({ width: 30, height: 21, channels, kind, seed });
    frames.push((await sending.encode(picture, { time: 40 * frames.length }))!);
  }
  return { receiver: createReceiver({ resolveModel: (id) => (id === model.id ? model : undefined) }), frames };
}

async function checkpointOf({ configuration }: Model): Promise<SubjectCheckpoint> {
  const network = new Network(await loadKernels(), configuration, { training: true });
  const optimiser = new Optimiser(network.parameters, photoOptimiser);
  const nothing = { best: new Map(), planes: undefined, parent: undefined };
  const checkpoint = { plan: { configuration }, step: 3 } as Checkpoint;
  const bytes = finish(writeCheckpoint(network, optimiser, checkpoint, nothing));
  const restore = (given: Uint8Array): void => void SavedTraining.read(given).restore(network, optimiser);
  restore(bytes);
  return { bytes, file: readTensorFile(bytes), restore };
}

/** A preview model of one hidden unit, whose file is small. */
function smallPreviewModel(): Uint8Array {
  const widths = { priorHidden: 1, synthesisHidden: 1 };
  const tensors = tensorNames.map((name) => {
    const values = Float64Array.from({ length: tensorTable[name].count(widths) }, (_, i) =>
      Math.sin(i * 7.3 + name.length),
    );
    if (name === "order") return [name, values.map((_, i) => i)];
    if (name === "deviation" || name === "stepPrior") return [name, values.map((value) => 1.1 + value)];
    return [name, values];
  });
  return writePreviewModel({ ...widths, ...Object.fromEntries(tensors) } as Weights);
}
