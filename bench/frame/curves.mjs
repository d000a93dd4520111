import { loadSource } from "./load-source.mjs";
import { processorTime } from "./turns.mjs";

/** Whole files of an image at each quality: bytes, bits a pixel, processor time to encode, and how near they are to the original. */
export async function samplesOf(codec, image, qualities, options = {}) {
  const { score } = await loadSource();
  const samples = [];
  for (const quality of qualities) {
    const start = processorTime();
    const stream = await codec.encode(image, { quality, ...options });
    const seconds = (processorTime() - start) / 1000;
    const bpp = (stream.length * 8) / (image.width * image.height);
    const likeness = await score(image, await codec.decode(stream));
    samples.push({ quality, bytes: stream.length, bpp, seconds, ...likeness });
  }
  return samples;
}

/** What Isthmus, at some quality and effort, and rivals make of an image at the same bytes, Isthmus first: names, bytes, pixels and scores. */
export async function atEqualBytes(codec, image, options, rivalNames) {
  const { atBytes, rivals, score } = await loadSource();
  const bytes = await codec.encode(image, options);
  const decoded = await codec.decode(bytes);
  const results = [{ name: "Isthmus", bytes: bytes.length, decoded, ...(await score(image, decoded)) }];
  for (const name of rivalNames) {
    const rival = rivals.find((rival) => rival.name === name);
    results.push(await atBytes(rival, image, bytes.length, new AbortController().signal));
  }
  return results;
}
