import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { defaultModel, loadModel } from "../../src/index.js";
import { tuneOf } from "../../src/models/configuration.js";

test("the embedded model is tuned for what people see, and the one beside it for squared error", async () => {
  const embedded = await defaultModel();
  expect(tuneOf(embedded.configuration)).toBe("ssimulacra2");
  expect(await readFile("models/default.md", "utf8")).toContain(embedded.id);
  const other = loadModel(await readFile("models/photo-psnr.isthm"));
  expect(tuneOf(other.configuration)).toBe("psnr");
  expect(await readFile("models/default.md", "utf8")).toContain(other.id);
});
