// A Vite and Rollup plugin: import photo from "./photo.jpg?preview" gives { preview, dataURL, width, height }.
import { readImage } from "isthmus/node";
import { encodePreview, previewToDataURL, previewToText } from "isthmus/preview";

const suffix = "?preview";

export function previews(options = {}) {
  return {
    name: "isthmus-previews",
    async load(id) {
      if (!id.endsWith(suffix)) return null;
      const path = id.slice(0, -suffix.length);
      this.addWatchFile(path);
      const image = await readImage(path);
      const bytes = encodePreview(image, options);
      const { width, height } = image;
      const facts = {
        preview: previewToText(bytes, options),
        dataURL: previewToDataURL(bytes, options),
        width,
        height,
      };
      return `export default ${JSON.stringify(facts)};`;
    },
  };
}
