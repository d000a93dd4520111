import { batch, computed, signal } from "@preact/signals";
import type { InterpolationMode, RemoteLatentSpace, TrainProgress } from "isthmus";
import { toImageData } from "isthmus/browser";
import { askBeforeLeaving } from "../leaving.js";
import { ownModels } from "../models.js";
import { complain } from "../notices.js";
import { withoutOpaqueAlpha } from "../pictures/alpha.js";
import { drawDigits } from "../pictures/draw-digits.js";
import { isthmus, startTraining, type Training } from "../workers/isthmus.js";

/** A latent that can be turned: its number in the code, and pictures along it. */
export interface Knob {
  readonly latent: number;
  readonly images: readonly ImageData[];
}

/** What is known of a model whose latents can be walked through. */
export interface Space {
  readonly name: string;
  readonly latents: RemoteLatentSpace;
  /** The most influential latents first. */
  readonly knobs: readonly Knob[];
}

export const space = signal<Space | undefined>(undefined);
export const samples = signal<readonly ImageData[]>([]);
export const progress = signal<TrainProgress | undefined>(undefined);
export const isTraining = signal(false);
askBeforeLeaving(isTraining);

/** The two pictures, by their place among the samples, between which the path leads. */
export const ends = signal<readonly [number, number]>([0, 1]);
export const mode = signal<InterpolationMode>("spherical");
/** 0 .. 100 along the path. */
export const position = signal(50);
export const path = signal<readonly ImageData[]>([]);

/** Standard deviations from the middle, by latent. */
export const knobValues = signal<Readonly<Record<number, number>>>({});
export const turned = signal<ImageData | undefined>(undefined);

/** Models that were opened and can be explored. */
export const explorable = computed(() => ownModels.value.filter(({ report }) => report.preset === "variational"));

export const sampleCount = 24;
export const pathSteps = 21;
const knobCount = 8;
const knobSteps = 7;
const digits = { count: 4000, minutes: 1, latents: 12, hidden: [256], learningRate: 2e-3, snapshotSeconds: 3 };
let running: Training | undefined;
let seed = 1;

/** Trains a small variational autoencoder on digits drawn by the page; what it imagines is shown on the way. */
export async function learnDigits(): Promise<void> {
  isTraining.value = true;
  progress.value = undefined;
  try {
    const { count, ...settings } = digits;
    running = startTraining(
      drawDigits(count, 1),
      { ...settings, preset: "variational", name: "Digits" },
      {
        onProgress: (report) => {
          progress.value = report;
        },
        onSnapshot: ({ bytes }) => void showSnapshot(bytes),
      },
    );
    const { bytes } = await running.model;
    await explore(bytes, "Digits");
  } catch (error) {
    complain(error);
  } finally {
    running = undefined;
    isTraining.value = false;
  }
}

export const finish = (): void => running?.finish();

async function showSnapshot(model: Uint8Array): Promise<void> {
  try {
    const latents = await isthmus().loadLatentSpace({ model });
    samples.value = (await latents.sample(sampleCount, { seed })).map(toImageData);
    await latents.close();
  } catch (error) {
    complain(error);
  }
}

/** Opens the latents of a model. */
export async function explore(model: Uint8Array, name: string): Promise<void> {
  const latents = await isthmus().loadLatentSpace({ model });
  const traversals = (await latents.explore({ steps: knobSteps })).slice(0, knobCount);
  const knobs = traversals.map(({ latent, images }) => ({ latent, images: images.map(toImageData) }));
  const before = space.value;
  batch(() => {
    space.value = { name, latents, knobs };
    knobValues.value = {};
  });
  await before?.latents.close();
  await drawSamples();
  await turn();
}

export async function drawOthers(): Promise<void> {
  seed++;
  await drawSamples();
}

async function drawSamples(): Promise<void> {
  const { latents } = space.value!;
  samples.value = (await latents.sample(sampleCount, { seed })).map(toImageData);
  ends.value = [0, 1];
  await walk();
}

/** Makes a sample one end of the path; the older end makes way. */
export async function choose(sample: number): Promise<void> {
  const [, last] = ends.value;
  if (sample === last) return;
  ends.value = [last, sample];
  await walk();
}

/** Works out the path between the two ends. */
export async function walk(): Promise<void> {
  const current = space.value;
  const [from, to] = ends.value.map((i) => samples.value[i]);
  if (!current || !from || !to) return;
  try {
    const [first, last] = [from, to].map(withoutOpaqueAlpha);
    const pictures = await current.latents.interpolate(first, last, pathSteps, { mode: mode.value });
    path.value = pictures.map(toImageData);
  } catch (error) {
    complain(error);
  }
}

export function turnKnob(latent: number, value: number): void {
  knobValues.value = { ...knobValues.value, [latent]: value };
  void turn();
}

export function resetKnobs(): void {
  knobValues.value = {};
  void turn();
}

let newest = 0;

async function turn(): Promise<void> {
  const current = space.value;
  if (!current) return;
  const mine = ++newest;
  const { id: modelId, latents } = current.latents.model;
  const values = Float32Array.from({ length: latents }, (_, i) => knobValues.value[i] ?? 0);
  try {
    const [image] = await current.latents.decode([{ modelId, values }]);
    if (mine === newest) turned.value = toImageData(image);
  } catch (error) {
    complain(error);
  }
}
