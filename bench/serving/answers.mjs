// What the service worker may make of samples, in Chromium: milliseconds to make the file and to decode it again.
import { build } from "esbuild";
import { mapValues, median, place } from "../frame/index.mjs";

export async function timeAnswers(browser, image, rounds) {
  const contents = `
    export { encodeBmp } from "./src/service-worker/picture-file.ts";
    export { encodePng } from "./src/preview/png.ts";
    export { addAlpha } from "./src/image/alpha.ts";`;
  const stdin = { contents, resolveDir: place("") };
  const { outputFiles } = await build({ stdin, bundle: true, format: "iife", globalName: "files", write: false });
  const page = await browser.newPage();
  await page.addScriptTag({ content: outputFiles[0].text });
  const data = Buffer.from(image.data).toString("base64");
  const times = await page.evaluate(timesInPage, { ...image, data, rounds });
  await page.close();
  return mapValues(times, ({ make, decode, bytes }) => ({ make: median(make), decode: median(decode), bytes }));
}

/** Runs in the page. */
async function timesInPage({ data, width, height, channels, rounds }) {
  const { encodeBmp, encodePng, addAlpha } = globalThis.files;
  const picture = { data: Uint8Array.from(atob(data), (c) => c.charCodeAt(0)), width, height, channels };
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  const ways = {
    bmp: async () => new Blob([encodeBmp(picture)], { type: "image/bmp" }),
    storedPng: async () => new Blob([encodePng(addAlpha(picture))], { type: "image/png" }),
    canvasPng: async () => {
      const { data } = addAlpha(picture);
      context.putImageData(new ImageData(new Uint8ClampedArray(data.buffer), width, height), 0, 0);
      return canvas.convertToBlob({ type: "image/png" });
    },
  };
  const times = Object.fromEntries(Object.keys(ways).map((name) => [name, { make: [], decode: [], bytes: 0 }]));
  for (let round = -2; round < rounds; round++) {
    for (const [name, make] of Object.entries(ways)) {
      const start = performance.now();
      const blob = await make();
      const between = performance.now();
      (await createImageBitmap(blob)).close();
      const end = performance.now();
      times[name].bytes = blob.size;
      if (round < 0) continue;
      times[name].make.push(between - start);
      times[name].decode.push(end - between);
    }
  }
  return times;
}
