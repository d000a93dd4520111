import { tableText } from "../frame/results.mjs";
import { facts, grouped, mebibytes } from "./words.mjs";

export function section({ inputs, seconds, slowestMilliseconds, largestMemory, targets, findings, search, ...run }) {
  const rows = targets.map(({ target, inputs: made, accepted, codes }) => [
    target,
    ...[made, accepted, made - accepted].map(grouped),
    Object.entries(codes)
      .sort(([, a], [, b]) => b - a)
      .slice(0, 3)
      .map(([code]) => code)
      .join(", "),
  ]);
  return [
    "## Fuzzing",
    `${facts(run)} ${grouped(inputs)} inputs in ${seconds < 180 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`}: ${findings.length === 0 ? "no finding" : `${findings.length} findings`}. A finding is anything thrown that is no
\`IsthmusError\` of a documented code, a WebAssembly trap, an image of an impossible shape, more than a second of time again and again, more than 32 MiB of WebAssembly memory, and, for a sample of the
inputs, pixels that the second decoder gives otherwise. The command runs ten million inputs unless told otherwise, or until its minutes are over, and \`--resume\` goes on where it stopped. The slowest input took ${slowestMilliseconds.toFixed(0)} ms on a busy machine, the largest memory was ${mebibytes(largestMemory)}.`,
    tableText(["way in", "inputs", "accepted", "refused", "most often with"], rows),
    `What it found, all fixed, each with a golden file or a test: an alpha plane beside four channels gave pictures of five, and colour was taken for a model of grey pictures
(\`test/vectors/golden/vector-and-alpha.isth\`, \`vector-and-grey.isth\`, \`grey-without-its-flag.isth\`).`,
    ...searchSection(search),
  ];
}

function searchSection(search) {
  if (!search) return [];
  const rows = search.doors.map(({ door, inputs, time, memory, told }) => [
    door,
    grouped(inputs),
    percentOf(time),
    percentOf(memory),
    told,
  ]);
  return [
    `Then \`--search ${search.minutes}\` looked for inputs of few bytes that cost much, with sizes up to the limits: ${grouped(search.inputs)} of them, each but the first made from those that cost most
so far. Work that takes a signal got one after 150 ms; others and the signal may wait for 400 ms of processor time (what is promised is 50 and 200 ms), buffers may take what the largest
picture takes. Inspecting and previews are held to times of their own. The greatest shares of all that, and what the slowest input took:`,
    tableText(["door", "inputs", "time", "memory", "the slowest"], rows),
  ];
}

const percentOf = (share) => `${(100 * share).toFixed(0)} %`;
