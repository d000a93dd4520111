import { IsthmusError } from "../../src/ground/errors.js";
import { type Target, type Trial, Wrong } from "./checks.js";
import { Dice } from "./dice.js";
import type { Subjects } from "./subjects.js";
import { targets } from "./targets.js";

/** What went wrong with an input; seed and index give it back. */
export interface Finding {
  readonly kind: "crash" | "undocumented code" | "wrong result" | "slow" | "memory";
  readonly target: string;
  readonly seed: number;
  readonly index: number;
  readonly message: string;
  /** In base64; cut where it is long. */
  readonly input: string;
}

export interface Tally {
  inputs: number;
  accepted: number;
  /** Spent on making the inputs and on running them. */
  milliseconds: number;
  readonly codes: Record<string, number>;
}

export interface FuzzReport {
  inputs: number;
  readonly targets: Record<string, Tally>;
  slowestMilliseconds: number;
  /** Largest WebAssembly memory of any instance, in bytes. */
  largestMemory: number;
  /** Most bytes of array buffers that 32 inputs in a row left behind. */
  largestBuffers: number;
  readonly findings: Finding[];
}

export interface FuzzOptions {
  readonly seed: number;
  readonly first?: number;
  readonly inputs: number;
  /** Told the index of each input before it runs. */
  readonly onInput?: (index: number) => void;
  /** True ends the run. */
  readonly stop?: () => boolean;
}

/** What an input of the sizes that are tried here may cost. */
export const bounds = { milliseconds: 1000, memoryBytes: 32 << 20, bufferBytes: 32 << 20 } as const;

const mostFindings = 50;
const mostRepeats = 20;
const totalWeight = targets.reduce((sum, { weight }) => sum + weight, 0);

function targetOf(dice: Dice): Target {
  let left = dice.next() * totalWeight;
  for (const target of targets) {
    left -= target.weight;
    if (left < 0) return target;
  }
  return targets[0];
}

export const newReport = (): FuzzReport => ({
  inputs: 0,
  targets: Object.fromEntries(
    targets.map(({ name }) => [name, { inputs: 0, accepted: 0, milliseconds: 0, codes: {} }]),
  ),
  slowestMilliseconds: 0,
  largestMemory: 0,
  largestBuffers: 0,
  findings: [],
});

/** Runs inputs `first` .. `first` + `inputs` - 1 of a seed. */
export async function fuzz(
  subjects: Subjects,
  { seed, first = 0, inputs, onInput, stop }: FuzzOptions,
): Promise<FuzzReport> {
  const report = newReport();
  const watch = watchMemory();
  try {
    for (let index = first; index < first + inputs && !stop?.() && report.findings.length < mostFindings; index++) {
      onInput?.(index);
      const started = performance.now();
      const target = await runInput(subjects, seed, index, report, watch);
      report.targets[target.name].milliseconds += performance.now() - started;
      report.inputs++;
    }
  } finally {
    watch.end();
  }
  return report;
}

async function runInput(
  subjects: Subjects,
  seed: number,
  index: number,
  report: FuzzReport,
  watch: Watch,
): Promise<Target> {
  const { target, trial } = inputAt(subjects, seed, index);
  const tally = report.targets[target.name];
  const find = (kind: Finding["kind"], message: string) => {
    report.findings.push({ kind, target: target.name, seed, index, message, input: textOf(trial.input) });
  };
  watch.largest = 0;
  tally.inputs++;
  const { milliseconds: first, error } = await timed(trial);
  if (error === undefined) tally.accepted++;
  else if (error instanceof IsthmusError) {
    tally.codes[error.code] = (tally.codes[error.code] ?? 0) + 1;
    if (!target.codes.includes(error.code)) find("undocumented code", String(error));
  } else
    find(error instanceof Wrong ? "wrong result" : "crash", error instanceof Error ? `${error.stack}` : String(error));

  // On a busy machine anything may wait for its turn: what is slow must be so again and again.
  let milliseconds = first;
  for (let again = 0; again < mostRepeats && milliseconds > bounds.milliseconds; again++) {
    milliseconds = Math.min(milliseconds, (await timed(inputAt(subjects, seed, index).trial)).milliseconds);
  }
  const grown = watch.buffersSince(report.inputs);
  if (milliseconds > bounds.milliseconds) find("slow", `${Math.round(milliseconds)} ms`);
  if (watch.largest > bounds.memoryBytes) find("memory", `${watch.largest} bytes of WebAssembly memory`);
  if (grown > bounds.bufferBytes) find("memory", `${grown} bytes of array buffers`);
  report.slowestMilliseconds = Math.max(report.slowestMilliseconds, milliseconds);
  report.largestMemory = Math.max(report.largestMemory, watch.largest);
  report.largestBuffers = Math.max(report.largestBuffers, grown);
  return target;
}

function inputAt(subjects: Subjects, seed: number, index: number): { target: Target; trial: Trial } {
  const dice = new Dice(seed, index);
  const target = targetOf(dice);
  return { target, trial: target.make(subjects, dice) };
}

async function timed({ run }: Trial): Promise<{ milliseconds: number; error: unknown }> {
  const started = performance.now();
  let error: unknown;
  try {
    await run();
  } catch (thrown) {
    error = thrown ?? new Error("nothing was thrown");
  }
  return { milliseconds: performance.now() - started, error };
}

type Watch = ReturnType<typeof watchMemory>;

/** Notes the largest WebAssembly memory that grows in the meantime, and array buffers. */
function watchMemory() {
  const { grow } = WebAssembly.Memory.prototype;
  let before = process.memoryUsage().arrayBuffers;
  const watch = {
    largest: 0,
    /** Bytes of array buffers that came since the last look; to look costs as much as many an input, so only every 32nd is followed by one. */
    buffersSince: (inputs: number): number => {
      if (inputs % 32 > 0) return 0;
      const now = process.memoryUsage().arrayBuffers;
      const grown = now - before;
      before = now;
      return grown;
    },
    end: () => {
      WebAssembly.Memory.prototype.grow = grow;
    },
  };
  WebAssembly.Memory.prototype.grow = function (this: WebAssembly.Memory, pages: number) {
    watch.largest = Math.max(watch.largest, this.buffer.byteLength + pages * 65536);
    return grow.call(this, pages);
  };
  return watch;
}

const textOf = (input: Uint8Array | string): string =>
  (typeof input === "string" ? input : Buffer.from(input).toString("base64")).slice(0, 100_000);

/** Puts the tallies of several runs together. */
export function mergeReports(reports: readonly FuzzReport[]): FuzzReport {
  const merged = newReport();
  for (const report of reports) {
    merged.inputs += report.inputs;
    for (const [name, { inputs, accepted, milliseconds, codes }] of Object.entries(report.targets)) {
      const tally = merged.targets[name];
      tally.inputs += inputs;
      tally.accepted += accepted;
      tally.milliseconds += milliseconds;
      for (const [code, count] of Object.entries(codes)) tally.codes[code] = (tally.codes[code] ?? 0) + count;
    }
    merged.slowestMilliseconds = Math.max(merged.slowestMilliseconds, report.slowestMilliseconds);
    merged.largestMemory = Math.max(merged.largestMemory, report.largestMemory);
    merged.largestBuffers = Math.max(merged.largestBuffers, report.largestBuffers);
    merged.findings.push(...report.findings);
  }
  return merged;
}
