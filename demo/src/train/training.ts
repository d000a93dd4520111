import { batch, computed, signal } from "@preact/signals";
import type { RemoteCodec, TrainProgress } from "isthmus";
import { decode, encode, encoderOf, openCodec } from "../coding.js";
import { askBeforeLeaving } from "../leaving.js";
import { addModel, chosenModel, type OwnModel } from "../models.js";
import { complain, note } from "../notices.js";
import type { Picture } from "../pictures/open-picture.js";
import { startTraining, type Training, type TrainSettings } from "../workers/isthmus.js";
import { judge, type Verdict } from "./judge.js";
import {
  forgetTraining,
  type KeptTraining,
  keepPictures,
  keepTraining,
  keptPictures,
  keptTraining,
} from "./kept-training.js";
import { drawTrainingSet, readTrainingPictures, split } from "./training-set.js";

export type Phase = "choosing" | "training" | "judging" | "done";

/** A picture that was held back, and what the model makes of it so far. */
export interface Preview {
  readonly original: ImageData;
  readonly image?: ImageData;
  readonly bytes?: number;
}

export const phase = signal<Phase>("choosing");
export const pictures = signal<readonly Picture[]>([]);
/** 0 .. 1 while files are read. */
export const reading = signal<number | undefined>(undefined);
export const options = { minutes: signal(3), fromDefault: signal(true) };
export const progress = signal<TrainProgress | undefined>(undefined);
export const history = signal<readonly TrainProgress[]>([]);
export const previews = signal<readonly Preview[]>([]);
export const verdicts = signal<readonly Verdict[]>([]);
export const trained = signal<OwnModel | undefined>(undefined);
/** What an earlier visit left behind. */
export const kept = signal<KeptTraining | undefined>(undefined);
/** True as soon as the browser has kept something of the training, or of the model that came out of it. */
const isKept = signal(false);
askBeforeLeaving(computed(() => phase.value !== "choosing" && !isKept.value));
/** True between the wish to stop and the model. */
export const isFinishing = signal(false);

const previewCount = 3;
const previewQuality = 75;
const mostHistory = 400;
let running: Training | undefined;
let judging: AbortController | undefined;

/** Seconds that the training took in all. */
export const trainedFor = signal(0);

void keptTraining().then(
  (training) => {
    if (phase.value === "choosing") kept.value = training;
  },
  () => undefined,
);

export async function addImages(files: readonly File[]): Promise<void> {
  if (phase.value !== "choosing") {
    note("A training is under way or done. Start over to choose other pictures.");
    return;
  }
  reading.value = 0;
  try {
    const found = await readTrainingPictures(files, pictures.value, (fraction) => {
      reading.value = fraction;
    });
    pictures.value = [...pictures.value, ...found];
  } catch (error) {
    complain(error);
  } finally {
    reading.value = undefined;
  }
}

export function takeDrawnSet(): void {
  pictures.value = drawTrainingSet();
}

export function start(): Promise<void> {
  const { minutes, fromDefault } = options;
  isKept.value = false;
  return run({ minutes: minutes.value, fromDefault: fromDefault.value });
}

/** Goes on with what an earlier visit left behind: its training, or the model that came out of it. */
export async function goOn(): Promise<void> {
  const training = kept.value;
  if (!training) return;
  try {
    pictures.value = await keptPictures();
    isKept.value = true;
    if (training.model) await judgeModel(training.model, training.name);
    else if (training.checkpoint) await run({ resume: training.checkpoint });
  } catch (error) {
    complain(error);
    phase.value = "choosing";
  }
}

export async function discardKept(): Promise<void> {
  kept.value = undefined;
  // Where the browser keeps nothing, there is nothing to forget.
  await forgetTraining().catch(() => undefined);
}

async function run(settings: TrainSettings): Promise<void> {
  const { trained: forTraining, heldBack } = split(pictures.value);
  const count = pictures.value.length;
  const name = `My ${count} ${count === 1 ? "picture" : "pictures"}`;
  batch(() => {
    phase.value = "training";
    kept.value = undefined;
    progress.value = undefined;
    isFinishing.value = false;
    history.value = [];
    verdicts.value = [];
    previews.value = heldBack.slice(0, previewCount).map(({ image }) => ({ original: image }));
  });
  let isRefused = false;
  const keep = async (write: () => Promise<void>): Promise<boolean> => {
    try {
      if (!isRefused) await write();
    } catch {
      isRefused = true;
      note("This browser keeps nothing for this page: if the tab is closed during training, what was learnt is lost.");
    }
    return !isRefused;
  };
  const keepState = async (state: Partial<KeptTraining>): Promise<void> => {
    const { step = 0, steps = 0 } = progress.value ?? {};
    isKept.value = await keep(() => keepTraining({ name, count, step, steps, ...state }));
  };
  let training: Training | undefined;
  try {
    if (!settings.resume) await keep(() => keepPictures(pictures.value));
    const startedAt = performance.now();
    training = startTraining(
      forTraining.map(({ image }) => image),
      { ...settings, name },
      {
        onProgress: addProgress,
        onWarning: note,
        onSnapshot: ({ bytes }) => void previewSnapshot(bytes),
        // What was discarded is not kept after all.
        onCheckpoint: async (checkpoint) => {
          if (running === training) await keepState({ checkpoint });
        },
      },
    );
    running = training;
    const { bytes: model } = await training.model;
    trainedFor.value = (performance.now() - startedAt) / 1000;
    await keepState({ model });
    await judgeModel(model, name);
  } catch (error) {
    // Where it was discarded, the page is at something else already.
    if (training && running !== training) return;
    complain(error);
    phase.value = "choosing";
  } finally {
    if (running === training) running = undefined;
  }
}

function addProgress(report: TrainProgress): void {
  progress.value = report;
  if (report.phase !== "train" || !Number.isFinite(report.loss)) return;
  const all = [...history.value, report];
  // Every other report is dropped when there are many: a chart is only so wide.
  history.value = all.length > mostHistory ? all.filter((_, i) => i % 2 === 0) : all;
}

/** Shows what a model on its way makes of the pictures held back. */
async function previewSnapshot(model: Uint8Array): Promise<void> {
  try {
    const codec = await openCodec(model);
    await preview(codec);
    await codec.close();
  } catch (error) {
    complain(error);
  }
}

/** Real streams of the pictures held back, decoded again. */
async function preview(codec: RemoteCodec): Promise<void> {
  const next: Preview[] = [];
  for (const { original } of previews.value) {
    const { bytes } = await encode(codec, original, { quality: previewQuality });
    const { image } = await decode(codec, bytes, { maxPixels: original.width * original.height });
    next.push({ original, image, bytes: bytes.length });
  }
  if (next.length > 0) previews.value = next;
}

async function judgeModel(bytes: Uint8Array, name: string): Promise<void> {
  const model = await addModel(bytes, name);
  batch(() => {
    trained.value = model;
    phase.value = "judging";
    verdicts.value = [];
  });
  const { heldBack } = split(pictures.value);
  previews.value = heldBack.slice(0, previewCount).map(({ image }) => ({ original: image }));
  await preview(await encoderOf(model)).catch(complain);
  judging = new AbortController();
  const { signal } = judging;
  try {
    await judge(
      model,
      heldBack,
      ["webp", "jpeg", "avif"],
      (verdict) => {
        verdicts.value = [...verdicts.value, verdict];
      },
      signal,
    );
  } catch (error) {
    if (!signal.aborted) complain(error);
  }
  if (!signal.aborted) phase.value = "done";
}

/** Stops early and keeps what has been learnt. */
export function finish(): void {
  isFinishing.value = true;
  running?.finish();
}

/** Drops the training and its model, and lets other pictures be chosen. */
export async function startOver(): Promise<void> {
  running?.drop();
  judging?.abort();
  running = undefined;
  batch(() => {
    phase.value = "choosing";
    trained.value = undefined;
    progress.value = undefined;
    previews.value = [];
  });
  await discardKept();
}

export function useModel(): void {
  chosenModel.value = trained.value?.id;
}
