import { pictures } from "../pictures.js";
import { Photo } from "./photo.jsx";

/** The folder is looked at for each visitor, not for the build. */
export const dynamic = "force-dynamic";

export default async function Page() {
  const { src, srcset, width, height } = await pictures.describe("alps.webp");
  return (
    <>
      {/* biome-ignore lint/performance/noImgElement: this server makes the sizes and formats that next/image would make */}
      <img src={src} srcSet={srcset} sizes="320px" {...{ width, height }} alt="The Alps, plain" />
      <Photo name="alps.webp" sizes="320px" width="320" alt="The Alps, in an element" />
    </>
  );
}
