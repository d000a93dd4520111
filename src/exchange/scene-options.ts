import { expected } from "../ground/errors.js";
import { aFunction, aNumber, anything, aSignal, checkOptions, type OptionTable } from "../ground/option-table.js";

export interface SendSceneOptions {
  /** 0 .. 100, the highest that cells are sent at. Default 75. */
  readonly quality?: number;
  /**
   * Bytes that may be sent a second. Quality goes down, and frames are dropped, where they would be more. Default: no
   * limit.
   */
  readonly bytesPerSecond?: number | undefined;
  /** Bytes that may be sent at once, such as those of a key frame. Default: those of a second. */
  readonly maxBurst?: number | undefined;
  /** 0 .. 100: frames that do not fit at this quality are dropped. Default 0. */
  readonly leastQuality?: number;
  /** Milliseconds after which a key frame is sent without being asked for. Default: never. */
  readonly keyEvery?: number | undefined;
  /** Milliseconds between key frames that are asked for, at least. Default 250. */
  readonly keyRest?: number;
  /**
   * How far pixels may be from what was sent of them before they are sent again: the root of the mean square of 4 x 4
   * pixels, 0 .. 255; means of a patch half as far. Above the noise of a camera. 0 sends every change. Default: from 9
   * at quality 0 to 3 at quality 100.
   */
  readonly tolerance?: number;
  /**
   * Bytes that wait in the channel, such as `() => channel.bufferedAmount`: while there are more than `maxBuffered`,
   * frames are dropped.
   */
  readonly buffered?: (() => number) | undefined;
  /** Default 2^16. */
  readonly maxBuffered?: number;
  /** Most pixels of a picture: some 15 bytes are held for each. Default 2^23. */
  readonly maxPixels?: number;
  /** Told of every frame, sent or dropped. */
  readonly onFrame?: ((report: SceneFrameReport) => void) | undefined;
}

/** What became of a picture. */
export type SceneFrameReport = SentFrame | DroppedFrame;

export interface SentFrame {
  readonly dropped: undefined;
  /** A frame that needs no other. */
  readonly key: boolean;
  /** Number of the frame in its scene. */
  readonly sequence: number;
  /** In milliseconds, as it was given. */
  readonly time: number;
  /** 0 .. 100, that of the cells in this frame. */
  readonly quality: number;
  /** True where the picture has few colours and is sent without loss. */
  readonly lossless: boolean;
  readonly bytes: number;
  /** Cells that are in the frame, of all cells of the picture. */
  readonly newCells: number;
  readonly cells: number;
}

export interface DroppedFrame {
  /**
   * `late`: a newer picture came while others were encoded, or this one is older than the last. `buffered`: too many
   * bytes wait in the channel. `rate`: it does not fit into `bytesPerSecond` at the least quality.
   */
  readonly dropped: "late" | "buffered" | "rate";
  readonly time: number;
}

export interface SceneEncodeOptions {
  /** When the picture was taken, in milliseconds of any clock. Default: now. */
  readonly time?: number;
  /** Ends the work with the error `aborted`; the scene stays as it was. */
  readonly signal?: AbortSignal | undefined;
}

const sendKinds: OptionTable<SendSceneOptions> = {
  quality: aNumber,
  bytesPerSecond: anything,
  maxBurst: anything,
  leastQuality: aNumber,
  keyEvery: anything,
  keyRest: anything,
  tolerance: anything,
  buffered: aFunction,
  maxBuffered: anything,
  maxPixels: anything,
  onFrame: aFunction,
};
export const sceneEncodeKinds: OptionTable<SceneEncodeOptions> = { time: aNumber, signal: aSignal };

/** Throws `invalid-parameter` for options that say nothing. */
export function checkSceneOptions(options: SendSceneOptions): SendSceneOptions {
  checkOptions(options, sendKinds, "sendScene");
  for (const name of ["bytesPerSecond", "maxBurst", "keyEvery"] as const) checkNumber(options, name, 1);
  for (const name of ["keyRest", "tolerance", "maxBuffered"] as const) checkNumber(options, name, 0);
  return options;
}

function checkNumber<Name extends keyof SendSceneOptions>(options: SendSceneOptions, name: Name, least: number): void {
  const value: unknown = options[name];
  if (value === undefined || (typeof value === "number" && value >= least)) return;
  throw expected(`a number of at least ${least}`, name, value);
}
