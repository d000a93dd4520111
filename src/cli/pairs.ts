import { relative, sep } from "node:path";
import { IsthmusError } from "../ground/errors.js";
import type { NamedSource } from "./hold-back.js";

const mostNamed = 3;

/**
 * The damaged picture of each target: that of the same path below its folder, whatever its extension. Throws `invalid-training-set` for names
 * or sizes that do not match.
 */
export function pairByName(
  inputs: readonly NamedSource[],
  targets: readonly NamedSource[],
  folders: { readonly inputs: readonly string[]; readonly targets: string },
): Map<NamedSource, NamedSource> {
  const byName = new Map(inputs.map((input) => [nameBelow(folders.inputs, input.path), input]));
  const wanted = new Map(targets.map((target) => [nameBelow([folders.targets], target.path), target]));
  const without = [...missing("input", [...wanted.keys()], byName), ...missing("target", [...byName.keys()], wanted)];
  if (without.length > 0) {
    throw new IsthmusError(
      "invalid-training-set",
      `Expected pairs of the same names but found ${without.join(" and ")}`,
    );
  }
  const pairs = new Map<NamedSource, NamedSource>();
  for (const [name, target] of wanted) {
    const input = byName.get(name)!;
    if (input.width !== target.width || input.height !== target.height) {
      throw new IsthmusError(
        "invalid-training-set",
        `Expected pairs of the same size but received ${input.width} x ${input.height} (${input.path}) ` +
          `and ${target.width} x ${target.height} (${target.path})`,
      );
    }
    pairs.set(target, input);
  }
  return pairs;
}

/** "no input for a, b, c and 4 others" */
function missing(what: string, names: readonly string[], among: ReadonlyMap<string, NamedSource>): string[] {
  const alone = names.filter((name) => !among.has(name));
  if (alone.length === 0) return [];
  const others = alone.length > mostNamed ? ` and ${alone.length - mostNamed} others` : "";
  return [`no ${what} for ${alone.slice(0, mostNamed).join(", ")}${others}`];
}

/** The path below the folder that holds it, without its extension. */
function nameBelow(folders: readonly string[], path: string): string {
  const below = folders.map((folder) => relative(folder, path)).find((name) => name !== "" && !name.startsWith(".."));
  return (below ?? path)
    .split(sep)
    .join("/")
    .replace(/\.[^./]+$/, "");
}
