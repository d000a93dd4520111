import { tableText } from "../frame/results.mjs";
import { facts, grouped } from "./words.mjs";

export function section({
  memory,
  killedTraining,
  fullDisk,
  fullFileSystem,
  writersOfOneFile,
  interruptedDecode,
  swappedModel,
  ...run
}) {
  const { rounds, growth } = memory;
  const verdict = ({ problems }) => (problems.length === 0 ? "none" : problems.join("; "));
  const kib = (bytes) => `${(bytes / 1024).toFixed(0)} KiB`;
  const rows = [
    [
      `${grouped(rounds)} encodes and decodes in one process, every fifth with an error or an abort beside it`,
      `in the second half: resident memory ${kib(growth.rss)}, heap ${kib(growth.heapUsed)}, buffers ${kib(growth.arrayBuffers)}, WebAssembly ${kib(growth.kernels)}`,
      memory,
    ],
    [
      "`kill -9` in the middle of training",
      `${killedTraining.kills} times, then resumed: the weights of an undisturbed run`,
      killedTraining,
    ],
    [
      "a disk that fills up while `decode` and `export` write",
      `${fullDisk.refused} times an error, nothing left behind`,
      fullDisk,
    ],
    [
      "a full file system, and a read-only one",
      fullFileSystem.mounted
        ? `${fullFileSystem.refused} times an error, nothing left behind`
        : "could not be mounted here",
      fullFileSystem,
    ],
    [
      `${writersOfOneFile.writers} processes write one file`,
      `${writersOfOneFile.rounds} times the whole file of one of them`,
      writersOfOneFile,
    ],
    [
      "^C while `decode` works",
      `${interruptedDecode.interrupted} of ${interruptedDecode.times} ended by it, nothing left behind`,
      interruptedDecode,
    ],
    [
      "the model's file exchanged and damaged under sender and receiver",
      "frames and pictures as before, or `model-mismatch`, `model-missing`",
      swappedModel,
    ],
  ];
  return [
    "## Long runs and faults",
    facts(run),
    tableText(
      ["what", "what came of it", "problems"],
      rows.map(([what, came, result]) => [what, came, verdict(result)]),
    ),
  ];
}
