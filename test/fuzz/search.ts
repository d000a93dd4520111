import { type Cost, type Costly, type Door, doors } from "./cost.js";
import { Dice, RecordedDice } from "./dice.js";
import type { Subjects } from "./subjects.js";

/** What a door has been tried with, and the worst of it, in shares of what is promised. */
export interface DoorReport {
  inputs: number;
  milliseconds: number;
  time: number;
  memory: number;
  /** What the worst input took. */
  told: string;
}

/** An input that took more than is promised, again and again: its choices give it back. */
export interface CostFinding {
  readonly kind: "cost" | "crash";
  readonly target: string;
  readonly seed: number;
  readonly index: number;
  readonly message: string;
  readonly choices: readonly number[];
}

export interface SearchReport {
  inputs: number;
  readonly doors: Record<string, DoorReport>;
  readonly findings: CostFinding[];
}

export interface SearchOptions {
  readonly seed: number;
  readonly inputs?: number;
  /** Told the index of each input before it runs. */
  readonly onInput?: (index: number) => void;
  /** True ends the search. */
  readonly stop?: () => boolean;
}

/** Inputs that are kept of each door, of each of the two rankings. */
const kept = 8;
const repeats = 4;
const mostFindings = 20;
const measures = ["time", "memory"] as const;

interface Known {
  readonly choices: readonly number[];
  readonly cost: Cost;
}

/**
 * Looks for inputs of few bytes that cost much. Those that cost most so far are the parents of the next: some of the choices that they were made of are made
 * anew (as in parametric fuzzing: Padhye et al. 2019, "Semantic fuzzing with Zest", with cost in the place of coverage). Doors get equal time.
 */
export async function search(subjects: Subjects, options: SearchOptions): Promise<SearchReport> {
  const { seed, inputs = Number.POSITIVE_INFINITY, onInput, stop } = options;
  const report: SearchReport = {
    inputs: 0,
    doors: Object.fromEntries(
      doors.map(({ name }) => [name, { inputs: 0, milliseconds: 0, time: 0, memory: 0, told: "" }]),
    ),
    findings: [],
  };
  const known = new Map(doors.map(({ name }) => [name, { time: [] as Known[], memory: [] as Known[] }]));
  while (report.inputs < inputs && !stop?.() && report.findings.length < mostFindings) {
    const index = report.inputs++;
    onInput?.(index);
    const door = doors.reduce((least, other) => (spent(report, other) < spent(report, least) ? other : least));
    const tally = report.doors[door.name];
    const ranks = known.get(door.name)!;
    const dice = new Dice(seed, index);
    const parents = ranks[dice.pick(measures)];
    const given = parents.length > 0 && dice.chance(0.7) ? changed(dice.pick(parents).choices, dice) : [];
    const recorded = new RecordedDice(seed + 1, index, given);
    const started = performance.now();
    const find = (kind: CostFinding["kind"], message: string): void => {
      report.findings.push({ kind, target: door.name, seed, index, message, choices: recorded.choices });
    };
    try {
      const trial = door.make(subjects, recorded);
      const cost = await least(trial);
      if (cost.time > 1 || cost.memory > 1) find("cost", cost.told);
      if (cost.time > tally.time) tally.told = cost.told;
      for (const measure of measures) {
        tally[measure] = Math.max(tally[measure], cost[measure]);
        const ranked = [...ranks[measure], { choices: recorded.choices, cost }];
        ranks[measure] = ranked.sort((left, right) => right.cost[measure] - left.cost[measure]).slice(0, kept);
      }
    } catch (error) {
      find("crash", error instanceof Error ? `${error.stack}` : String(error));
    }
    tally.inputs++;
    tally.milliseconds += performance.now() - started;
  }
  return report;
}

const spent = (report: SearchReport, { name }: Door): number => report.doors[name].milliseconds;

/** On a busy machine anything may wait for its turn, and garbage lies about: what costs much must do so again and again. */
async function least(trial: Costly): Promise<Cost> {
  let cost = await trial.run();
  for (let i = 1; i < repeats && (cost.time > 1 || cost.memory > 1); i++) {
    const again = await trial.run();
    cost = {
      time: Math.min(cost.time, again.time),
      memory: Math.min(cost.memory, again.memory),
      told: again.time < cost.time ? again.told : cost.told,
    };
  }
  return cost;
}

/** Some choices made anew: among those at the beginning, which decide most, and anywhere. */
function changed(choices: readonly number[], dice: Dice): number[] {
  const copy = [...choices];
  for (let count = 1 + dice.length(6); count > 0; count--) {
    const at = dice.below(Math.min(copy.length, dice.chance(0.7) ? 40 : copy.length));
    copy[at] = dice.pick([dice.next(), 0, 1 - 2 ** -32, Math.min(1 - 2 ** -32, copy[at] * 1.2), copy[at] * 0.8]);
  }
  return copy;
}

/** An input of a search once more. */
export const again = (subjects: Subjects, name: string, choices: readonly number[]): Promise<Cost> =>
  doors
    .find((door) => door.name === name)!
    .make(subjects, new RecordedDice(0, 0, choices))
    .run();
