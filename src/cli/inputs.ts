import { addAbortSignal } from "node:stream";
import { concatenate } from "../ground/bytes.js";
import { IsthmusError, throwIfAborted } from "../ground/errors.js";
import { limits } from "../ground/limits.js";
import { findFiles } from "../node/find-files.js";
import { readBytes } from "../node/read-bytes.js";
import { modelExtensions } from "./codecs.js";
import { UsageError } from "./exit.js";
import { printable } from "./printable.js";

/** One file to work on, or what a name led to instead. */
export interface Input {
  /** The path, or `-` for standard input. */
  readonly path: string;
  /** The path below the folder it was found in. */
  readonly relative: string;
  /** Where it was found by looking into a folder. */
  readonly fromFolder: boolean;
  readonly error?: unknown;
}

/** Files that the arguments of a command name; an argument that leads nowhere becomes an input with an error. */
export async function findInputs(sources: readonly string[], extensions: readonly string[]): Promise<Input[]> {
  if (sources.filter((source) => source === "-").length > 1) throw new UsageError("Expected - at most once");
  const inputs: Input[] = [];
  for (const source of sources) {
    if (source === "-") {
      if (process.stdin.isTTY) throw new UsageError("Expected bytes on standard input for - but it is a terminal");
      inputs.push({ path: "-", relative: "-", fromFolder: false });
      continue;
    }
    try {
      const found = await findFiles(source, extensions);
      if (found.length === 0) {
        const message = `Expected files (${extensions.join(", ")}) in ${source} but found none`;
        throw new IsthmusError("file-not-found", message);
      }
      inputs.push(...found.map((file) => ({ ...file, fromFolder: file.path !== source })));
    } catch (error) {
      inputs.push({ path: source, relative: source, fromFolder: false, error });
    }
  }
  return inputs;
}

/** All bytes of an input; a file that is named as models are is refused by its length where it is longer than `maxModelBytes`. Throws what `findInputs` or reading met. */
export async function readInput(
  input: Input,
  signal: AbortSignal,
  maxModelBytes: number | undefined = limits.maxModelBytes,
): Promise<Uint8Array> {
  if (input.error) throw input.error;
  if (input.path === "-") return readStdin(signal);
  const isModel = modelExtensions.some((extension) => input.path.endsWith(extension));
  return readBytes(input.path, { signal, ...(isModel && { mostBytes: maxModelBytes, tooLong: "invalid-model" }) });
}

/** As of files. */
const mostStdinBytes = 1 << 30;

async function readStdin(signal: AbortSignal): Promise<Uint8Array> {
  try {
    const pieces: Uint8Array[] = [];
    let length = 0;
    for await (const piece of addAbortSignal(signal, process.stdin) as AsyncIterable<Uint8Array>) {
      length += piece.length;
      if (length > mostStdinBytes) throw new Error(`it is longer than ${mostStdinBytes} bytes`);
      pieces.push(piece);
    }
    return concatenate(pieces);
  } catch (cause) {
    throwIfAborted(signal);
    throw new IsthmusError("file-unreadable", `Standard input could not be read: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** What messages call an input. */
export const nameOf = (input: Input): string => (input.path === "-" ? "standard input" : input.path);

/** The same for a line of text. */
export const shownName = (input: Input): string => printable(nameOf(input));
