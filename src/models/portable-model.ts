import { kinshipOf } from "./difference.js";
import { type ModelSource, readModel } from "./model-source.js";
import type { ParentModels, ParentSources } from "./parents.js";

/** As in parents.ts, which pages that only talk to workers need not load. */
const longestChain = 4;

interface WithParent {
  readonly parent?: (WithParent & ModelSource) | undefined;
}

/** Options of opening a model elsewhere, where parents may come as they are: what makes `ParentModels` opens models, too. */
export type PortableOpening<Options extends { readonly parents?: ParentModels | undefined }> = Omit<
  Options,
  "parents"
> & {
  /** As `parents` of the library, or what `parentModels` is given. */
  readonly parents?: ParentModels | ParentSources | undefined;
};

/** A model as it travels: its file, and those of the parents that are at hand. */
export async function portableModel(
  model: ModelSource,
  parents: ParentModels | ParentSources = [],
  signal?: AbortSignal | undefined,
) {
  const file = await readModel(model);
  const files: Uint8Array[] = [];
  for (let { parent } = model as WithParent; parent; { parent } = parent) files.push(await readModel(parent));
  const sources = "sources" in parents ? parents.sources : parents;
  if (typeof sources !== "function") {
    for (const source of sources) files.push(await readModel(source));
    return { model: file, parents: files };
  }
  let kinship = kinshipOf(file);
  while (kinship && files.length < longestChain) {
    const found = await sources(kinship.parent, { part: kinship.part, signal });
    if (!found) break;
    files.push(await readModel(found));
    kinship = kinshipOf(files[files.length - 1]);
  }
  return { model: file, parents: files };
}
