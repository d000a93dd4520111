import { isthImage } from "isthmus/server";
import { pictures } from "../pictures.js";

/** A picture of the folder as `<isth-img>`: in its place with a preview before any script runs, and an `<img>` for those who run none. */
export async function Photo({ name, ...attributes }) {
  const html = isthImage(await pictures.describe(name), attributes);
  // biome-ignore lint/security/noDangerouslySetInnerHtml: isthImage escapes what it is given
  return <span dangerouslySetInnerHTML={{ __html: html }} suppressHydrationWarning />;
}
