import { mkdir, realpath, stat } from "node:fs/promises";
import { dirname, extname, join, resolve } from "node:path";
import { IsthmusError } from "../errors.js";
import { unwritable } from "../node/files.js";
import { checkWritable, writeBytes } from "../node/output-file.js";
import { UsageError } from "./exit.js";
import type { Input } from "./inputs.js";
import { printable } from "./printable.js";

export interface OutputOptions {
  readonly output: string | undefined;
  readonly force: boolean;
}

/** Where the result of each input goes: a path, or `-` for standard output. */
export interface OutputPlan {
  readonly toStdout: boolean;
  /** Throws where the output is taken by another input of the same run, is the input itself, or exists without `force`. */
  outputOf(input: Input): Promise<string>;
}

/** Decides where results go; `extension` is that of the results. Throws a usage error for what cannot be meant. */
export async function planOutputs(
  inputs: readonly Input[],
  { output, force }: OutputOptions,
  extension: string,
): Promise<OutputPlan> {
  const several = inputs.length > 1 || inputs.some((input) => input.fromFolder);
  const toStdout = output === "-" || (output === undefined && inputs.some((input) => input.path === "-"));
  if (toStdout && several) throw new UsageError("Expected one input for standard output but received several");
  if (toStdout) refuseTerminal(force);
  const isFolder = output !== undefined && (several || /[\\/]$/.test(output) || (await isDirectory(output)));
  const taken = new Set<string>();

  const outputOf = async (input: Input): Promise<string> => {
    if (toStdout) return "-";
    const path = !isFolder && output !== undefined ? output : defaultPath(input, output, extension);
    if (taken.has(resolve(path))) {
      throw new IsthmusError(
        "output-exists",
        `Expected another name than ${path}, which an earlier input was written to`,
      );
    }
    taken.add(resolve(path));
    if (await sameFile(input.path, path)) throw new UsageError(`Expected another name than that of the input, ${path}`);
    if (isFolder) await makeFolder(dirname(path));
    await checkWritable(path, force);
    return path;
  };
  return { toStdout, outputOf };
}

/** Writes a result, whole or not at all. */
export async function writeOutput(path: string, bytes: Uint8Array, force: boolean, signal: AbortSignal): Promise<void> {
  if (path !== "-") return writeBytes(path, bytes, { overwrite: force, signal });
  await new Promise<void>((done, failed) => {
    process.stdout.write(bytes, (cause) => (cause ? failed(unwritable("standard output", cause)) : done()));
  });
}

/** What messages call an output. */
export const nameOfOutput = (path: string): string => (path === "-" ? "standard output" : printable(path));

export function refuseTerminal(force: boolean): void {
  if (process.stdout.isTTY && !force) {
    throw new UsageError(
      "Expected a file or a pipe for the output but it is a terminal: use -o, or -f to write anyway",
    );
  }
}

function defaultPath(input: Input, folder: string | undefined, extension: string): string {
  if (input.path === "-") return join(folder ?? ".", `stdin${extension}`);
  const path = folder === undefined ? input.path : join(folder, input.relative);
  return path.slice(0, path.length - extname(path).length) + extension;
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((cause) => {
    throw unwritable(folder, cause);
  });
}

const isDirectory = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

async function sameFile(left: string, right: string): Promise<boolean> {
  const [a, b] = await Promise.all([left, right].map((path) => realpath(path).catch(() => undefined)));
  return a !== undefined && a === b;
}
