import embeddedId from "../../build/default-id.js";
import { expected, IsthmusError } from "../ground/errors.js";
import { once } from "../ground/once.js";
import { invalid, type Safetensors, truncated } from "../ground/safetensors.js";
import type { Steps } from "../ground/steps.js";
import { headBytes } from "./coded-file.js";
import { decodeDifference, type Kinship, kinshipBytes, kinshipOf, type Part } from "./difference.js";
import { embeddedParent } from "./embedded-parent.js";
import { type ModelSource, type OpenOptions, readModel } from "./model-source.js";
import type { ReceiverModel } from "./receiver-model.js";

/** Finds the model of an id (16 hexadecimal digits), whole where `part` is "all"; nothing where there is none. */
export type FindParent = (
  id: string,
  wanted: { readonly part: Part; readonly signal?: AbortSignal | undefined },
) => ModelSource | undefined | Promise<ModelSource | undefined>;

/** Where parents come from: the models themselves, their files, or a function that finds one. */
export type ParentSources = readonly ModelSource[] | FindParent;

/** Models that stand between a difference and one that stands alone, itself included. */
export const longestChain = 4;

export interface Opening extends OpenOptions {
  /** The ids of the models for which this one is opened, the first first. */
  readonly children?: readonly string[];
  /** Asked where `parents` have none. */
  readonly elsewhere?: FindParent;
}

type Open = (bytes: Uint8Array, options: Opening, isOwn: true) => Promise<ReceiverModel>;

/** A difference that is being read, with its parent. */
export class Relation {
  constructor(
    readonly parent: ReceiverModel,
    private readonly kinship: Kinship,
  ) {}

  /** Throws as `decodeDifference`. */
  decode(file: Uint8Array, maxModelBytes: number): Steps<Safetensors> {
    const { parent, kinship } = this;
    return decodeDifference(file, maxModelBytes, kinship, parent.tensorsOf(kinship.part));
  }

  /** The model that came out. Throws `corrupt` where it is another than the difference says. */
  checked<Model extends ReceiverModel>(model: Model): Model {
    const { id } = this.kinship;
    if (model.id === id) return model;
    throw new IsthmusError("corrupt", `Expected model ${id} from its difference but received model ${model.id}`);
  }
}

/**
 * Opens models that are stored as differences to others, which is what `parents` of the options is for. Those others are the embedded model, which is found without being named, and `sources`: models, their
 * files, or a function that finds one by its id. Each is checked by its id.
 */
export const parentModels = (sources: ParentSources = []): ParentModels => new ParentModels(sources);

export class ParentModels {
  /** Answers can be read but once. */
  private readonly known = once(async () => {
    const { sources } = this;
    if (typeof sources === "function") return [];
    return Promise.all(sources.map((source) => (isOpen(source) ? source : readModel(source))));
  });

  constructor(readonly sources: ParentSources) {
    if (typeof sources === "function" || Array.isArray(sources)) return;
    throw expected("an array of models, or a function that finds one,", "parentModels", sources);
  }

  /**
   * A difference and its parent. @internal
   * @throws IsthmusError `model-missing` where the parent is not at hand, `model-mismatch` where another one is, `invalid-model` for chains that are too long or lead back, or what is wrong with
   * its file
   */
  async relationOf(file: Uint8Array, options: Opening, open: Open): Promise<Relation> {
    const kinship = checkedKinship(file);
    const { parent: id, part } = kinship;
    const { signal, elsewhere } = options;
    const wanted = { part, signal };
    const opening = { ...options, children: checkedChain(kinship, options.children) };
    const opened = async (source: ModelSource): Promise<ReceiverModel> => {
      if (isOpen(source)) return source;
      const file = await readModel(source);
      const said = kinshipOf(file)?.id ?? id;
      if (said !== id) throw another(id, said);
      return open(file, opening, true);
    };
    for (const source of await this.known()) {
      if (!isOpen(source) && (kinshipOf(source)?.id ?? id) !== id) continue;
      const model = await opened(source);
      if (model.id === id) return relate(model, kinship);
    }
    const { sources } = this;
    const found =
      (typeof sources === "function" && (await sources(id, wanted))) ||
      (await embeddedParent(id, wanted)) ||
      (await elsewhere?.(id, wanted));
    if (found) return relate(await opened(found), kinship);
    throw missing(kinship);
  }
}

/** Throws `truncated`. */
export function checkedKinship(file: Uint8Array): Kinship {
  const kinship = kinshipOf(file);
  if (kinship) return kinship;
  throw truncated(headBytes + kinshipBytes, file.length);
}

export const missing = ({ id, parent }: Kinship): IsthmusError =>
  new IsthmusError(
    "model-missing",
    `Expected model ${parent}, to which model ${id} is a difference, among parents${parent === embeddedId ? " (it is the embedded one: defaultModel())" : ""} but received none of that id`,
  );

/** Adds a child to its chain. Throws `invalid-model`. */
export function checkedChain({ id, parent }: Kinship, children: readonly string[] = []): readonly string[] {
  const chain = [...children, id];
  if (chain.includes(parent)) {
    throw invalid("parents that come before their children", `model ${parent}, which is a difference to itself`);
  }
  if (chain.length > longestChain) throw invalid(`at most ${longestChain} differences one upon the other`, "more");
  return chain;
}

/** Throws `model-mismatch`, or `invalid-model` for half a parent of a whole model. */
export function relate(model: ReceiverModel, kinship: Kinship): Relation {
  const { parent, part } = kinship;
  if (model.id !== parent) throw another(parent, model.id);
  if (part === "all" && model.part !== part) {
    throw invalid(`the whole model ${parent} as the parent of a whole model`, "the receiver's half of it");
  }
  return new Relation(model, kinship);
}

const another = (wanted: string, received: string): IsthmusError =>
  new IsthmusError("model-mismatch", `Expected model ${wanted} as the parent but received model ${received}`);

/** Models are opened but once. */
export const isOpen = (source: ModelSource | ReceiverModel): source is ReceiverModel =>
  "receiverNetwork" in (source as object);
