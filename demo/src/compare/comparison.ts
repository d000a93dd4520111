import { batch, computed, effect, signal } from "@preact/signals";
import type { ImportanceMap } from "isthmus";
import { decode, decoderOf, encode, encoderOf, likenessOf } from "../coding.js";
import { chosenOwnModel, type OwnModel } from "../models.js";
import { complain, messageOf } from "../notices.js";
import { openingSettings } from "../opening.js";
import type { Picture } from "../pictures/open-picture.js";
import { decodeWith, encodeWith, type RivalId, rivalIds } from "../workers/rivals.js";
import { painting } from "./painting.js";
import { type Goal, reachGoal, usualSteps } from "./search.js";

export type CodecId = "isthmus" | RivalId;
export type Side = "original" | CodecId;

/** How a rival's quality is found: such that it takes the bytes of Isthmus, or has its SSIMULACRA 2 or PSNR, or as it is set. */
export type Mode = "bytes" | "score" | "psnr" | "own";

export interface Result {
  readonly bytes: Uint8Array;
  readonly image: ImageData;
  readonly quality: number | undefined;
  /** SSIMULACRA 2; undefined where the original is not known, or too small. */
  readonly ssimulacra2: number | undefined;
  readonly psnr: number | undefined;
  readonly ssim: number | undefined;
  readonly encodeMilliseconds: number | undefined;
  readonly decodeMilliseconds: number;
  /** What the person should know about it. */
  readonly remark?: string;
}

export interface Outcome {
  /** 0 .. 1 while work is under way. */
  readonly progress?: number | undefined;
  readonly error?: string | undefined;
  readonly result?: Result | undefined;
}

/** What is looked at: a picture, or a stream that was opened (and whose original is not known). */
export const picture = signal<Picture | undefined>(undefined);
export const opened = signal<{ readonly name: string; readonly result: Result } | undefined>(undefined);

export const settings = {
  quality: signal<number>(openingSettings.quality),
  effort: signal<number>(openingSettings.effort),
  mode: signal<Mode>("bytes"),
  rivalQuality: signal(60),
};

export const wanted = signal<ReadonlySet<RivalId>>(new Set());
export const outcomes = signal<Readonly<Partial<Record<CodecId, Outcome>>>>({});
export const left = signal<Side>("original");
export const right = signal<Side>("isthmus");

const set = (id: CodecId, outcome: Outcome): void => {
  outcomes.value = { ...outcomes.peek(), [id]: outcome };
};

/** Shows a codec, or the original, on a side of the viewer; runs it first where it has not been. */
export function show(side: "left" | "right", what: Side): void {
  batch(() => {
    (side === "left" ? left : right).value = what;
    if (what !== "original" && what !== "isthmus") want(what);
  });
}

export function want(id: RivalId): void {
  if (!wanted.value.has(id)) wanted.value = new Set([...wanted.value, id]);
}

export function showPicture(next: Picture): void {
  batch(() => {
    opened.value = undefined;
    outcomes.value = {};
    painting.value = undefined;
    picture.value = next;
  });
}

/** Shows a decoded stream by itself. */
export function showStream(name: string, result: Result): void {
  batch(() => {
    picture.value = undefined;
    opened.value = { name, result };
    outcomes.value = { isthmus: { result } };
    left.value = "isthmus";
    right.value = "isthmus";
  });
}

/** The pixels of a side, undefined where they are not there (yet). */
export const imageOf = (side: Side): ImageData | undefined =>
  side === "original" ? picture.value?.image : outcomes.value[side]?.result?.image;

/** True while the stream that came with a sample is shown. */
export const isCodedBeforehand = computed(() => {
  const coded = picture.value?.coded;
  return coded !== undefined && outcomes.value.isthmus?.result?.encodeMilliseconds === undefined;
});

export const pixelCount = computed(() => {
  const image = picture.value?.image ?? opened.value?.result.image;
  return image ? image.width * image.height : 0;
});

/** Work under way, by codec; a new setting calls off the old one's work. */
const running = new Map<CodecId, AbortController>();

function start(id: CodecId, work: (signal: AbortSignal) => Promise<Result>): void {
  running.get(id)?.abort();
  const controller = new AbortController();
  running.set(id, controller);
  set(id, { result: outcomes.peek()[id]?.result, progress: 0 });
  work(controller.signal).then(
    (result) => controller.signal.aborted || set(id, { result }),
    (error) => {
      if (controller.signal.aborted) return;
      set(id, { error: messageOf(error) });
      complain(error);
    },
  );
}

function stop(id: CodecId): void {
  running.get(id)?.abort();
  running.delete(id);
}

/** Lets a slider come to rest. */
const rest = (signal: AbortSignal, milliseconds: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });

async function runIsthmus(
  { image: original, coded }: Picture,
  options: { quality: number; effort: number; model: OwnModel | undefined; importance: ImportanceMap | undefined },
  signal: AbortSignal,
): Promise<Result> {
  await rest(signal, 60);
  const onProgress = (progress: number) => {
    if (!signal.aborted) set("isthmus", { ...outcomes.peek().isthmus, progress });
  };
  const { quality, effort, model, importance } = options;
  const isCoded =
    coded && !model && !importance && quality === openingSettings.quality && effort === openingSettings.effort;
  const encoded = isCoded
    ? { bytes: coded, milliseconds: undefined }
    : await encode(await encoderOf(model), original, { quality, effort, importance, signal, onProgress });
  const maxPixels = original.width * original.height;
  const decoded = await decode(await decoderOf(model), encoded.bytes, { maxPixels, signal });
  const likeness = await likenessOf(original, decoded.image, signal);
  return {
    bytes: encoded.bytes,
    image: decoded.image,
    quality,
    ...likeness,
    encodeMilliseconds: encoded.milliseconds,
    decodeMilliseconds: decoded.milliseconds,
  };
}

/** Rivals' results for the picture at hand, by codec and quality, without their pixels. */
type Attempt = Omit<Result, "image" | "quality">;
let attempts = new Map<string, Attempt>();
let attemptsOf: ImageData | undefined;

async function attempt(id: RivalId, original: ImageData, quality: number, signal: AbortSignal): Promise<Attempt> {
  if (attemptsOf !== original) {
    attempts = new Map();
    attemptsOf = original;
  }
  const key = `${id} ${quality}`;
  const known = attempts.get(key);
  if (known) return known;
  const encoded = await encodeWith(id, original, quality, signal);
  const decoded = await decodeWith(id, encoded.bytes, signal);
  const measured = {
    bytes: encoded.bytes,
    ...(await likenessOf(original, decoded.image, signal)),
    encodeMilliseconds: encoded.milliseconds,
    decodeMilliseconds: decoded.milliseconds,
  };
  attempts.set(key, measured);
  return measured;
}

async function runRival(
  id: RivalId,
  original: ImageData,
  goal: Goal | { quality: number },
  signal: AbortSignal,
): Promise<Result> {
  await rest(signal, 120);
  let quality: number;
  let remark: string | undefined;
  if ("quality" in goal) quality = goal.quality;
  else {
    let step = 0;
    const reached = await reachGoal(goal, async (tried) => {
      const { bytes, ssimulacra2, psnr } = await attempt(id, original, tried, signal);
      set(id, { ...outcomes.peek()[id], progress: Math.min(1, ++step / (usualSteps + 1)) });
      return { bytes: bytes.length, score: ssimulacra2!, psnr: psnr! };
    });
    quality = reached.quality;
    if (!reached.fits) remark = "bytes" in goal ? "its smallest" : "its best";
  }
  const found = await attempt(id, original, quality, signal);
  const { image } = await decodeWith(id, found.bytes, signal);
  return { ...found, image, quality, ...(remark && { remark }) };
}

effect(() => {
  const original = picture.value;
  const options = {
    quality: settings.quality.value,
    effort: settings.effort.value,
    model: chosenOwnModel.value,
    importance: painting.value,
  };
  if (original) start("isthmus", (signal) => runIsthmus(original, options, signal));
  else stop("isthmus");
});

/** What a rival is held to; to the PSNR where a picture is too small for a score. */
function goalOf(mode: Exclude<Mode, "own">, { bytes, ssimulacra2, psnr }: Result): Goal {
  if (mode === "bytes") return { bytes: bytes.length };
  return mode === "score" && ssimulacra2 !== undefined ? { score: ssimulacra2 } : { psnr: psnr! };
}

const isthmusDone = computed(() => {
  const { result, progress } = outcomes.value.isthmus ?? {};
  return progress === undefined ? result : undefined;
});

effect(() => {
  const original = picture.value?.image;
  const own = isthmusDone.value;
  const mode = settings.mode.value;
  const quality = settings.rivalQuality.value;
  for (const id of rivalIds) {
    if (!original || !wanted.value.has(id) || (mode !== "own" && !own)) {
      stop(id);
      continue;
    }
    const goal = mode === "own" ? { quality } : goalOf(mode, own!);
    start(id, (signal) => runRival(id, original, goal, signal));
  }
});
