import { isthImage } from "isthmus/server";
import { pictures } from "$lib/server/pictures.js";

export async function load() {
  const picture = await pictures.describe("alps.webp");
  const { src, srcset, width, height } = picture;
  const element = isthImage(picture, { alt: "The Alps, in an element", sizes: "320px", width: "320" });
  return { plain: { src, srcset, width, height }, element };
}
