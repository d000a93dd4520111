import { readdir } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import embeddedId from "../../build/default-id.js";
import { inspectSlowly, refusePictures } from "../codec/inspect.js";
import { type ContainerParts, readContainer } from "../codec/stream/container.js";
import { hexOf } from "../ground/bytes.js";
import { IsthmusError } from "../ground/errors.js";
import { once } from "../ground/once.js";
import {
  type Codec,
  type FindParent,
  loadCodec,
  type Model,
  type ModelLimits,
  type OpenOptions,
  parentModels,
} from "../index.js";
import { findFiles } from "../node/find-files.js";
import { openModel, readModelBytes } from "../node/open-model.js";

export const modelExtensions = [".isthm"];
export const streamExtensions = [".isth"];

/** Whether bytes begin as streams do. */
export const isStream = (bytes: Uint8Array): boolean => bytes[0] === 0xc9;

/** The limits for models among the options of a command. */
export const modelLimitsOf = ({ maxMemory, maxModelBytes }: ModelLimits): ModelLimits => ({ maxMemory, maxModelBytes });

/** A codec of the model in a file, or of the embedded default. Throws `model-missing` where the file does not exist. */
export async function openCodec(
  path: string | undefined,
  limits: OpenOptions = {},
  others: readonly string[] = [],
): Promise<Codec> {
  if (path === undefined) return loadCodec(limits);
  return loadCodec({ model: await openModelFile(path, limits, others), ...limits });
}

const named = (path: string, message: string): string => (message.includes(path) ? message : `${path}: ${message}`);

/** What messages call a model. */
export const nameOf = (id: string): string => (id === embeddedId ? "the embedded model" : `model ${id}`);

/** Model files in a folder that are looked through for a parent. */
const mostAround = 256;

/** Finds parents among other files and in the folder of a model, by the names that receivers' stores give them (ID.isthm) or by what the files hold. */
function modelsAround(path: string, others: readonly string[], limits: OpenOptions): FindParent {
  return async (id) => {
    if (id === embeddedId) return undefined;
    const folder = dirname(resolve(path));
    const around = (await readdir(folder).catch(() => [])).filter((name) => modelExtensions.includes(extname(name)));
    const paths = [...others, ...around.slice(0, mostAround).map((name) => join(folder, name))];
    const named = (file: string): number => (basename(file) === `${id}.isthm` ? 0 : 1);
    for (const file of paths.sort((left, right) => named(left) - named(right))) {
      const bytes = await readModelBytes(file, limits).catch(() => undefined);
      if (bytes && (await idOf(bytes, limits)) === id) return bytes;
    }
    return undefined;
  };
}

/** The id of a model file, as a difference says it; undefined where it is none. */
async function idOf(bytes: Uint8Array, limits: OpenOptions): Promise<string | undefined> {
  const report = await inspectSlowly(bytes, limits).catch(() => undefined);
  return report?.kind === "model" ? report.id : undefined;
}

/** The model in a file, whose parents may be among other files, or lie beside it. Throws `model-missing` where the file does not exist. */
export async function openModelFile(
  path: string,
  limits: OpenOptions = {},
  others: readonly string[] = [],
): Promise<Model> {
  try {
    return await openModel(path, { ...limits, parents: parentModels(modelsAround(path, others, limits)) });
  } catch (error) {
    if (!(error instanceof IsthmusError)) throw error;
    const missing = error.code === "file-not-found";
    const message = missing ? `Expected a model at ${path} but there is none` : named(path, error.message);
    throw new IsthmusError(missing ? "model-missing" : error.code, message, { cause: error });
  }
}

/** A stream taken apart, once for all that is asked of it. Throws as `decode`, and says where a picture was mistaken for a stream. */
export function takeApart(bytes: Uint8Array, maxPixels?: number): ContainerParts {
  refusePictures(bytes, "a stream");
  return readContainer(bytes, maxPixels);
}

/** The models a receiver has at hand; finds the one that a stream was made with. */
export class Codecs {
  private readonly byId = new Map<string, Codec>();

  /** `paths` are model files and folders of them; without any, the embedded default is at hand. */
  constructor(
    private readonly paths: readonly string[],
    private readonly limits: OpenOptions = {},
  ) {}

  /** Throws `model-missing` (none given) or `model-mismatch` (others given). */
  async codecFor(stream: ContainerParts): Promise<Codec> {
    const modelId = hexOf(stream.modelId);
    await this.load();
    const codec = this.byId.get(modelId);
    if (codec) return codec;
    if (this.paths.length === 0) {
      throw new IsthmusError(
        "model-missing",
        `Expected model ${modelId}, which this stream was made with, but only the embedded default is at hand: use -m`,
      );
    }
    const given = [...this.byId.keys()].join(", ");
    throw new IsthmusError("model-mismatch", `Expected model ${modelId} for this stream but received ${given}`);
  }

  /** Opens the models, once for all streams that wait for them. */
  private readonly load = once(async () => {
    const codecs = this.paths.length === 0 ? [await loadCodec(this.limits)] : await this.openAll();
    for (const codec of codecs) this.byId.set(codec.model.id, codec);
  });

  private async openAll(): Promise<Codec[]> {
    const codecs: Codec[] = [];
    const files: string[] = [];
    for (const path of this.paths) {
      const found = await findFiles(path, modelExtensions).catch(() => [{ path, relative: path }]);
      files.push(...found.map((file) => file.path));
    }
    for (const path of files) codecs.push(await openCodec(path, this.limits, files));
    if (codecs.length > 0) return codecs;
    throw new IsthmusError("model-missing", `Expected models in ${this.paths.join(", ")} but found none`);
  }
}
