import { usualQuality } from "../codec/latents/quality.js";
import { expected } from "../ground/errors.js";
import {
  aFunction,
  anInteger,
  anObject,
  aText,
  checkOptions,
  type OptionKind,
  type OptionTable,
} from "../ground/option-table.js";
import type { ModelSource } from "../models/model-source.js";
import type { RenditionSettings } from "./rendition.js";
import { usualThreads } from "./stream-encoder.js";
import { type Tell, tellSeldom } from "./tell-seldom.js";

export interface PictureHandlerOptions {
  /** The folder of the pictures, with folders in it. Nothing outside of it is served, whatever links say. */
  readonly folder: string;
  /** What the addresses of the pictures begin with. Default `/`. */
  readonly path?: string | undefined;
  /** A folder for what was encoded, which survives a restart. Without it, only memory keeps it. */
  readonly cacheFolder?: string | undefined;
  /** Most bytes of the files in `cacheFolder`. Default 2^30. */
  readonly maxCacheBytes?: number | undefined;
  /** Most bytes that are kept in memory. Default 2^26. */
  readonly maxMemoryBytes?: number | undefined;
  /** The widths that `?width=` may ask for, in pixels. Default 320, 640, 960, 1280, 1920, 2560. */
  readonly widths?: readonly number[] | undefined;
  /** Formats besides JPEG (PNG where there is alpha, GIF where it moves), the best first. Default `isth`, `avif`, `webp`. */
  readonly formats?: readonly ("isth" | "avif" | "webp")[] | undefined;
  /** 0 .. 100 of each format's own scale. Default: isth 75, avif 55, webp 76, jpeg 73. */
  readonly quality?: Partial<RenditionSettings["quality"]> | undefined;
  /** As of `Codec.encode`: 0 (default) .. 9. */
  readonly effort?: number | undefined;
  /** A whole model. Default: the embedded photo model. */
  readonly model?: ModelSource | undefined;
  /** Threads that encode streams, and pictures that are encoded at a time: 1 .. 64. Default: the cores but one, 4 at most. */
  readonly threads?: number | undefined;
  /** Pictures that may wait to be encoded; beyond, requests are answered with 503. Default 1000. */
  readonly maxWaiting?: number | undefined;
  /** Most pixels of a picture, of all its frames where it moves. Default 2^26. */
  readonly maxPixels?: number | undefined;
  /** Seconds for which caches may use a picture whose address does not tell its version. Default 0: they ask each time. */
  readonly maxAge?: number | undefined;
  /** Further headers of every answer, such as `access-control-allow-origin`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Hears of what went wrong and was got over, of the same once a minute at most: pictures that cannot be read, a damaged or unwritable cache. For logs. */
  readonly onProblem?: Tell | undefined;
}

const most = Number.MAX_SAFE_INTEGER;
const kinds: OptionTable<PictureHandlerOptions> = {
  folder: aText,
  path: aText,
  cacheFolder: aText,
  maxCacheBytes: anInteger(1, most),
  maxMemoryBytes: anInteger(0, most),
  widths: (value) => listOf(value, anInteger(1, 65536), 64),
  formats: (value) => listOf(value, (format) => !["isth", "avif", "webp"].includes(format as string) && "", 3),
  quality: anObject,
  effort: anInteger(0, 9),
  model: (value) => typeof value === "string" && "a model or its bytes",
  threads: anInteger(1, 64),
  maxWaiting: anInteger(1, most),
  maxPixels: anInteger(1, 2 ** 31),
  maxAge: anInteger(0, 31_536_000),
  headers: anObject,
  onProblem: aFunction,
};

const listOf = (value: unknown, kind: OptionKind, longest: number): string | false =>
  !(Array.isArray(value) && value.length <= longest && value.every((entry) => kind(entry) === false)) &&
  (longest === 3 ? "an array of isth, avif and webp" : `an array of integers between 1 and 65536, ${longest} at most,`);

/** About 71 points of SSIMULACRA 2 each (`npm run bench:serving`). */
const usual = { isth: usualQuality, avif: 55, webp: 76, jpeg: 73 };
const usualWidths = [320, 640, 960, 1280, 1920, 2560];

/** The options, checked and complete. Throws `invalid-parameter`. */
export function completeOptions(given: PictureHandlerOptions) {
  const options = checkOptions(given, kinds, "createPictureHandler");
  if (typeof options.folder !== "string") throw expected("a path", "folder", options.folder);
  return {
    ...options,
    path: `/${options.path ?? ""}/`.replace(/\/{2,}/g, "/"),
    maxCacheBytes: options.maxCacheBytes ?? 2 ** 30,
    maxMemoryBytes: options.maxMemoryBytes ?? 2 ** 26,
    widths: options.widths ?? usualWidths,
    formats: options.formats ?? (["isth", "avif", "webp"] as const),
    settings: { quality: completeQuality(options.quality), effort: options.effort ?? 0 },
    threads: options.threads ?? usualThreads(),
    maxWaiting: options.maxWaiting ?? 1000,
    maxPixels: options.maxPixels ?? 2 ** 26,
    maxAge: options.maxAge ?? 0,
    headers: options.headers ?? {},
    tell: tellSeldom(options.onProblem ?? (() => {})),
  };
}

/** The quality of each format. Throws `invalid-parameter`. */
export function completeQuality(given: Partial<RenditionSettings["quality"]> = {}): RenditionSettings["quality"] {
  for (const [format, quality] of Object.entries(given)) {
    if (!(format in usual)) throw expected(`one of ${Object.keys(usual).join(", ")}`, "a format of quality", format);
    const isQuality = typeof quality === "number" && quality >= 0 && quality <= 100;
    const wanted = quality !== undefined && !isQuality && "a number between 0 and 100";
    if (wanted) throw expected(wanted, `quality of ${format}`, quality);
  }
  const named = Object.entries(given).filter(([, quality]) => quality !== undefined);
  return { ...usual, ...Object.fromEntries(named) };
}
