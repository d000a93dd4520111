import { expect, it } from "vitest";
import { goldenModel } from "../vectors/golden-files.js";
import { withChromium } from "./chromium.js";

const { id } = goldenModel("photo");
const chromium = withChromium({
  routes: { [`/models/${id}`]: (_, response) => void response.end(goldenModel("photo").receiver()) },
});

it("a receiver without a network says which model it could not get and why, and does with what it has kept", async () => {
  const context = await chromium.browser.newContext();
  const page = await context.newPage();
  await page.goto(chromium.url);
  await page.evaluate(async () => {
    const { createReceiver } = await load("isthmus");
    const { modelCache } = await load("isthmus/browser");
    const frame = await bytesAt("/test/vectors/golden/photo-8x8.isth");
    const newReceiver = () =>
      createReceiver({ resolveModel: (model) => fetch(`/models/${model}`), store: modelCache("offline") });
    Object.assign(globalThis, { newReceiver, receiver: newReceiver(), frame });
  });
  type Globals = {
    newReceiver(): import("../../src/index.js").Receiver;
    receiver: import("../../src/index.js").Receiver;
    frame: Uint8Array;
  };
  const goOffline = async () => {
    await context.setOffline(true);
    // On a busy machine it takes a while until Chromium's network knows.
    await page.waitForFunction(() =>
      fetch(`/?${Math.random()}`).then(
        () => false,
        () => true,
      ),
    );
  };
  await goOffline();
  const refused = await page.evaluate(async () => {
    const { receiver, frame } = globalThis as never as Globals;
    return refusal(receiver.decode(frame));
  });
  expect(refused).toEqual({
    code: "model-missing",
    message: `Could not get model ${id}, which the frame needs: Failed to fetch`,
  });
  const decode = () =>
    page.evaluate(
      async () =>
        (await (globalThis as never as Globals).receiver.decode((globalThis as never as Globals).frame)).width,
    );
  await context.setOffline(false);
  expect(await decode()).toBe(8);
  await goOffline();
  const kept = await page.evaluate(async () => {
    const { newReceiver, frame } = globalThis as never as Globals;
    return (await newReceiver().decode(frame)).width;
  });
  expect(kept).toBe(8);
  await context.close();
});
