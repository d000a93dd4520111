import { tableText } from "../frame/results.mjs";
import { facts } from "./words.mjs";

export function section(memory) {
  const rows = memory.commands.map(({ command, peak, budget, seconds }) => [
    `isthmus ${command}`,
    ...[`${peak.toFixed(0)} MB`, `${budget} MB`, seconds.toFixed(1)],
  ]);
  return [
    `## Memory: a picture of ${memory.width} x ${memory.height} pixels`,
    facts(memory),
    tableText(["", "peak of the process", "budget", "seconds"], rows),
  ];
}
