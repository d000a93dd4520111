import { type ByteSource, type Bytes, readBytes, viewOf } from "../ground/byte-source.js";
import { isA } from "../ground/is-a.js";
import type { ModelLimits } from "../ground/limits.js";
import { anything, aSignal, checkFewOptions, type OptionTable } from "../ground/option-table.js";
import type { ParentModels } from "./parents.js";

/** How a model is opened. */
export interface OpenOptions extends ModelLimits {
  /** Ends the opening with the error `aborted`. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Where models come from that this one may be stored as the difference to: see `parentModels`. Default: the embedded model alone; for what only decodes, none.
   */
  readonly parents?: ParentModels | undefined;
}

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
