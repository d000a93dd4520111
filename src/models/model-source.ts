import { type ByteSource, type Bytes, readBytes, viewOf } from "../byte-source.js";
import { isA } from "../is-a.js";
import type { OpenOptions } from "../limits.js";
import { anything, aSignal, checkFewOptions, type OptionTable } from "../options.js";

/** A model: what `train`, `loadModel` or a worker returned, or its file in whatever bytes come in. */
export type ModelSource = ByteSource | { readonly bytes: Bytes };

/** The options of whatever opens a model. */
export interface ModelOptions extends OpenOptions {
  readonly model?: ModelSource | undefined;
}

export const modelKinds: OptionTable<ModelOptions> = {
  model: anything,
  maxModelBytes: anything,
  maxMemory: anything,
  signal: aSignal,
  parents: anything,
};

/** Throws `invalid-parameter` for what does not say how a model is opened. What limits allow is looked at where they are needed. */
export function checkOpening(options: OpenOptions, owner: string): void {
  const { model: _, ...kinds } = modelKinds;
  checkFewOptions(options, kinds, owner);
}

/** The options of `owner`, checked; a bare model is taken for the option `model`. Throws `invalid-parameter`. */
export function modelOptions<Options extends ModelOptions>(
  given: Options | ModelSource,
  table: OptionTable<Options>,
  owner: string,
): Options {
  return isModel(given) ? ({ model: given } as Options) : checkFewOptions(given, table, owner);
}

/** True for what can be no options, and is a model if anything. */
export const isModel = (given: object | ModelSource): given is ModelSource =>
  !isA(given, "Object") || "bytes" in (given as object);

/** The file of a model. Throws `invalid-parameter` for what is none. */
export const readModel = (model: ModelSource): Promise<Uint8Array> =>
  readBytes(viewOf((model as { bytes?: unknown } | undefined)?.bytes) ?? (model as ByteSource), "model");
