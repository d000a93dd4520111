import { readImages } from "../../dist/node.js";

/** Every picture of a folder in grey: Rec. 601 luma, as the library's own. */
export async function greyPictures(folder) {
  const images = await readImages(folder);
  return images.map(toGrey);
}

function toGrey({ data, width, height, channels }) {
  const grey = new Uint8Array(width * height);
  const colours = channels >= 3;
  for (let i = 0; i < grey.length; i++) {
    const at = i * channels;
    grey[i] = colours ? Math.round((299 * data[at] + 587 * data[at + 1] + 114 * data[at + 2]) / 1000) : data[at];
  }
  return { data: grey, width, height, channels: 1 };
}
