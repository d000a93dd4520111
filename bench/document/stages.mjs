import { tableText } from "../frame/results.mjs";
import { facts } from "./words.mjs";

export function section(stages) {
  const rows = stages.stages.map(({ name, decode, encode }) => [
    name,
    ...[decode, encode].map((share) => (100 * share).toFixed(1)),
  ]);
  return [
    "## Where the time goes",
    `${facts(stages)} One thread, one photo at quality ${stages.quality}, percent of the time of a decode and of an encode at effort 0. Of ${stages.rounds} rounds, every call of a kernel counts with
its quickest, so that other work of the machine counts for nothing.`,
    tableText(["stage", "decode, %", "encode, %"], rows),
  ];
}
