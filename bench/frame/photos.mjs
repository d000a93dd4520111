import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { loadSource } from "./load-source.mjs";
import { giveUp } from "./options.mjs";
import { place } from "./places.mjs";

/** The 24 photos of Kodak, beside a checkout; other folders are named by --images. */
export const kodak = place("../shared/data/kodak");

const pictureName = /\.(png|webp|jpe?g|tiff?|avif)$/i;

/** Paths of the pictures of a folder, in order, the first so many. Ends the benchmark where there are none. */
export async function photosIn(folder, limit = Number.POSITIVE_INFINITY) {
  if (folder === undefined) giveUp("Expected a folder of photos for --images but received none");
  const names = await readdir(folder).catch(() => []);
  const photos = names.filter((name) => pictureName.test(name)).sort();
  if (photos.length === 0) giveUp(`Expected photos in ${folder}: name another folder by --images`);
  return photos.slice(0, limit).map((name) => join(folder, name));
}

/** The pixels of a picture without alpha, as `isthmus bench` and `isthmus try` take them. */
export async function readPhoto(path) {
  const { readOpaque } = await loadSource();
  return readOpaque(path, new AbortController().signal);
}

export const readPhotos = (paths) => Promise.all(paths.map(readPhoto));
