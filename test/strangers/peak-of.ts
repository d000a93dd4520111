import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Peak } from "./peaks.js";

/** The largest resident memory, in bytes, of a process of its own that runs the code over the package in `folder`, and what it told. */
async function peakOf(
  code: string,
  files: readonly Uint8Array[],
  root: string,
): Promise<{ peak: number; told: string }> {
  const folder = await mkdtemp(join(tmpdir(), "isthmus-peak-"));
  try {
    const paths = files.map((_, i) => join(folder, String(i)));
    await Promise.all(files.map((file, i) => writeFile(paths[i], file)));
    const program = `
      import { readFile } from "node:fs/promises";
      import { inspect, loadCodec, loadDecoder, loadModel } from "./dist/index.js";
      const files = [];
      for (const path of process.argv.slice(1)) files.push(new Uint8Array(await readFile(path)));
      await loadCodec();
      let told = "";
      ${code}
      console.log(JSON.stringify({ peak: process.resourceUsage().maxRSS * 1024, told }));`;
    const words = ["--input-type=module", "-e", program, ...paths];
    const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: root });
    return JSON.parse(stdout);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Bytes that a program takes beyond the same program with little to do, and beside the files that it was handed. */
export async function measuredPeak(
  { code, files, little }: Peak,
  root: string,
): Promise<{ bytes: number; told: string }> {
  const base = await peakOf(code, little, root);
  const { peak, told } = await peakOf(code, files, root);
  const given = [files, little].map((some) => some.reduce((sum, { length }) => sum + length, 0));
  return { bytes: peak - base.peak - (given[0] - given[1]), told };
}
