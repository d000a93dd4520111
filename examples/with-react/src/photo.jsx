import "isthmus/element";
import { previewToDataURL } from "isthmus/preview";
import { useState } from "react";

/** A picture that was imported with `?isth`: its preview at once, its stream as soon as it is decoded, and its fallback where it cannot be. */
export function Photo({ photo, alt, sizes, width }) {
  const [hasFailed, setFailed] = useState(false);
  const { src, srcset, preview, fallback } = photo;
  const height = Math.round((photo.height * width) / photo.width);
  if (hasFailed) return <img src={fallback.src} srcSet={fallback.srcset} alt={alt} {...{ sizes, width, height }} />;
  const style = { "--isth-placeholder": `url(${previewToDataURL(preview)}) center / cover` };
  return <isth-img {...{ src, srcset, alt, sizes, width, height, style }} onerror={() => setFailed(true)} />;
}
