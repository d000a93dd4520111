import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { bytesOfHex } from "../../src/bytes.js";
import { writeContainer } from "../../src/codec/container.js";
import { defaultModel } from "../../src/models/default-model.js";
import { temporaryFolder } from "../node/temporary-folder.js";
import { emptyModel, graph } from "./models.js";

/** The peak of a whole process that uses the built package, in MiB, beside what SECURITY.md states. */

const mebibyte = 2 ** 20;
/** What garbage collection and the engine need besides, on top of the same process with little to do. */
const spare = 128;

async function peakOf(body: string, argument: string): Promise<{ peak: number; told: string }> {
  const code = `
    import { readFile } from "node:fs/promises";
    import { loadCodec, loadDecoder } from "./dist/index.js";
    const file = new Uint8Array(await readFile(process.argv[1]));
    const codec = await loadCodec();
    let told = "";
    ${body}
    console.log(JSON.stringify({ peak: process.resourceUsage().maxRSS / 1024, told }));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", code, argument], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
  });
  return JSON.parse(stdout);
}

const lossless = async (width: number, height: number, isColour: boolean): Promise<Uint8Array> => {
  const { id } = await defaultModel();
  const [plane, alpha] = [Uint8Array.of(200), Uint8Array.of(100)];
  const symbols = new Uint8Array(0);
  return writeContainer({ modelId: bytesOfHex(id), width, height, grey: !isColour, quality: 0, symbols, plane, alpha });
};

test("a decoded picture takes its samples, and rows no more than a strip", async () => {
  const folder = await temporaryFolder();
  const path = (name: string): string => join(folder, name);
  const side = 8192;
  await writeFile(path("small"), await lossless(8, 8, true));
  await writeFile(path("large"), await lossless(side, side, true));
  const decode = "const { data } = await codec.decode(file); told = String(data[3]);";
  const rows = "for await (const piece of (await codec.decodeRows(file)).rows) told = String(piece[3]);";
  const base = await peakOf(decode, path("small"));
  const whole = await peakOf(decode, path("large"));
  const inRows = await peakOf(rows, path("large"));
  for (const { told } of [base, whole, inRows]) expect(told).toBe("100");
  expect(whole.peak - base.peak).toBeLessThan((4 * side * side) / mebibyte + spare);
  expect(inRows.peak - base.peak).toBeLessThan(spare);
});

test("a model that is too large for `maxMemory` takes no more than that, and its file twice", async () => {
  const folder = await temporaryFolder();
  const large = emptyModel(graph({ latents: 64, synthesis: { hidden: [], blocks: 6, blockHidden: 65536 } }));
  await writeFile(join(folder, "small"), emptyModel(graph({ latents: 1 })));
  await writeFile(join(folder, "large"), large);
  const open = (maxMemory: number) =>
    `await loadDecoder({ model: file, maxMemory: ${maxMemory} }).catch((error) => { told = error.code; });`;
  const base = await peakOf(open(2 ** 27), join(folder, "small"));
  const refused = await peakOf(open(2 ** 27), join(folder, "large"));
  expect(base.told).toBe("");
  expect(refused.told).toBe("memory-exceeded");
  const files = (2 * large.length) / mebibyte;
  expect(files).toBeGreaterThan(90);
  expect(refused.peak - base.peak).toBeLessThan(files + 2 ** 27 / mebibyte + spare);
});
