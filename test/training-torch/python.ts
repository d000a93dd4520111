import { spawn, spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe } from "vitest";
import { readSafetensors, type Tensor } from "../../src/ground/safetensors.js";

const root = new URL("../../", import.meta.url);
export const pathOf = (name: string): string => fileURLToPath(new URL(name, root));

/** One thread: sums come out the same, and nothing else on the machine waits. */
const environment = { ...process.env, OMP_NUM_THREADS: "1", PYTHONDONTWRITEBYTECODE: "1" };

/** A Python that has PyTorch: the first on the path may be another than that of the system. */
const python = ["python3", "/usr/bin/python3"].find(
  (command) => spawnSync(command, ["-c", "import torch, PIL"]).status === 0,
);
const mayBeAbsent = !process.env.CI;
if (!python && mayBeAbsent) {
  console.warn(
    "\n\n*** NOT TESTED: training/ needs PyTorch (apt-get install python3-torch python3-pil libopenblas0-pthread) ***\n\n",
  );
}

/** As `describe`; left out, with a word, where there is no PyTorch, but never in CI. */
export const describeWithTorch = describe.skipIf(!python && mayBeAbsent);

export interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs Python. `onOutput` is told all that was printed so far, and how to send a signal. */
export function runPython(
  args: readonly string[],
  more: Record<string, string> = {},
  onOutput?: (output: string, kill: (signal: NodeJS.Signals) => void) => void,
): Promise<Ended> {
  if (!python) throw new Error("Expected python3 with torch and PIL but found none");
  const child = spawn(python, args, { env: { ...environment, ...more }, stdio: ["ignore", "pipe", "pipe"] });
  let [output, errors] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output += text;
    onOutput?.(output, (signal) => child.kill(signal));
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    errors += text;
  });
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, output, errors })));
}

export const floatsOf = ({ data }: Tensor): Float32Array => new Float32Array(data.slice().buffer);

export const readTensors = async (path: string): Promise<Map<string, Tensor>> =>
  readSafetensors(await readFile(path)).tensors;

/** The largest difference between two tensors, as a share of the largest number of the first. */
export function difference(wanted: ArrayLike<number>, found: ArrayLike<number>): number {
  if (wanted.length !== found.length) return Number.POSITIVE_INFINITY;
  let [most, largest] = [0, 0];
  for (let i = 0; i < wanted.length; i++) {
    largest = Math.max(largest, Math.abs(wanted[i]));
    most = Math.max(most, Math.abs(wanted[i] - found[i]));
  }
  return most === 0 ? 0 : most / largest;
}
