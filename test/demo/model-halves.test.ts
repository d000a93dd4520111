import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { joinHalves, sendersHalf } from "../../demo/src/model-halves.js";
import { loadModel } from "../../src/index.js";

it("the halves that the page loads are the photo model again, and share nothing but a header", async () => {
  const whole = new Uint8Array(await readFile(new URL("../../models/default.isthm", import.meta.url)));
  const receiver = loadModel(whole).receiver();
  const sender = sendersHalf(whole, receiver);
  expect(await joinHalves(receiver, sender)).toEqual(loadModel(whole).safetensors());
  expect(receiver.length + sender.length).toBeLessThan(loadModel(whole).coded().length * 1.01);
});
