import { mkdir, stat } from "node:fs/promises";
import { dirname, extname, join, resolve } from "node:path";
import { IsthmusError, throwIfAborted } from "../ground/errors.js";
import { isSameFile, unwritable } from "../node/files.js";
import { checkWritable, type WriteOptions, writeBytes } from "../node/output-file.js";
import { UsageError } from "./exit.js";
import type { Input } from "./inputs.js";
import { printable } from "./printable.js";
import type { Report } from "./report.js";

export interface OutputOptions {
  readonly output: string | undefined;
  readonly force: boolean;
  /** Leave alone what is there. */
  readonly skipExisting?: boolean;
  /** Replace only what is older than its input. */
  readonly newer?: boolean;
}

/** Where the result of each input goes: a path, or `-` for standard output. */
export interface OutputPlan {
  readonly toStdout: boolean;
  /**
   * Undefined for an input that is to be skipped. Throws where the output is taken by another input of the same run, is the input itself, or exists and is
   * not to be replaced.
   */
  outputOf(input: Input): Promise<string | undefined>;
  /** How `outputOf` is to be written. */
  readonly writing: (report: Report, signal: AbortSignal) => WriteOptions;
}

/** Decides where results go; `extension` is that of the results. Throws a usage error for what cannot be meant. */
export async function planOutputs(
  inputs: readonly Input[],
  { output, force, skipExisting = false, newer = false }: OutputOptions,
  extension: string,
): Promise<OutputPlan> {
  if ([force, skipExisting, newer].filter(Boolean).length > 1) {
    throw new UsageError("Expected one of --force, --skip-existing and --newer but received several");
  }
  const several = inputs.length > 1 || inputs.some((input) => input.fromFolder);
  const toStdout = output === "-" || (output === undefined && inputs.some((input) => input.path === "-"));
  if (toStdout && several) throw new UsageError("Expected one input for standard output but received several");
  if (toStdout) refuseTerminal(force);
  const isFolder = output !== undefined && (several || /[\\/]$/.test(output) || (await isDirectory(output)));
  const names =
    !isFolder && output !== undefined
      ? inputs.map(() => output)
      : distinctNames(inputs, (input, isWhole) => defaultPath(input, output, extension, isWhole));
  const pathOf = new Map(inputs.map((input, i) => [input, names[i]]));
  const taken = new Set<string>();

  const outputOf = async (input: Input): Promise<string | undefined> => {
    if (toStdout) return "-";
    const path = pathOf.get(input)!;
    if (taken.has(resolve(path))) {
      throw new IsthmusError(
        "output-exists",
        `Expected another name than ${path}, which an earlier input was written to`,
      );
    }
    taken.add(resolve(path));
    if (await isSameFile(input.path, path))
      throw new UsageError(`Expected another name than that of the input, ${path}`);
    const there = await stat(path).catch(() => undefined);
    if (there?.isFile() && (skipExisting || (newer && (await isUpToDate(there.mtimeMs, input))))) return undefined;
    if (isFolder) await makeFolder(dirname(path));
    await checkOutput(path, force || newer, "-f replaces it, --skip-existing and --newer skip what is there");
    return path;
  };
  return { toStdout, outputOf, writing: (report, signal) => writing(report, force || newer, signal) };
}

/**
 * Names of outputs, where inputs of one name and several extensions (`a.jpg`, `a.png`) keep theirs before that of the output (`a.jpg.isth`).
 */
function distinctNames(inputs: readonly Input[], nameOf: (input: Input, isWhole: boolean) => string): string[] {
  const isWhole = inputs.map(() => false);
  for (;;) {
    const names = inputs.map((input, i) => nameOf(input, isWhole[i]));
    const pathsOf = new Map<string, Set<string>>();
    for (const [i, name] of names.entries()) {
      pathsOf.set(name, (pathsOf.get(name) ?? new Set()).add(resolve(inputs[i].path)));
    }
    const clashing = names.flatMap((name, i) => (pathsOf.get(name)!.size > 1 && !isWhole[i] ? [i] : []));
    if (clashing.length === 0) return names;
    for (const i of clashing) isWhole[i] = true;
  }
}

async function isUpToDate(written: number, input: Input): Promise<boolean> {
  const source = await stat(input.path).catch(() => undefined);
  return source !== undefined && written >= source.mtimeMs;
}

/** As `checkWritable`; says how an output that exists is replaced. */
export async function checkOutput(path: string, force: boolean, hint = "-f replaces it"): Promise<void> {
  try {
    await checkWritable(path, force);
  } catch (error) {
    if (!(error instanceof IsthmusError && error.code === "output-exists")) throw error;
    throw new IsthmusError(error.code, `${error.message}: ${hint}`, { cause: error });
  }
}

/** How a command writes files. */
export const writing = (report: Report, overwrite: boolean, signal?: AbortSignal): WriteOptions => ({
  overwrite,
  signal,
  onInPlace: (path) => report.remark(`isthmus: ${path} is written in place: a crash meanwhile would leave half of it`),
});

/** Writes a result, whole or not at all. */
export async function writeOutput(path: string, bytes: Uint8Array, options: WriteOptions): Promise<void> {
  if (path !== "-") return writeBytes(path, bytes, options);
  const cause = await new Promise((done) => process.stdout.write(bytes, done));
  if (!cause) return;
  // Whoever watches the stream hears of it after its callback; where the reader has gone, that aborts.
  await new Promise((done) => setImmediate(done));
  throwIfAborted(options.signal);
  throw unwritable("standard output", cause);
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

function defaultPath(input: Input, folder: string | undefined, extension: string, isWhole: boolean): string {
  if (input.path === "-") return join(folder ?? ".", `stdin${extension}`);
  const path = folder === undefined ? input.path : join(folder, input.relative);
  return (isWhole ? path : path.slice(0, path.length - extname(path).length)) + extension;
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
