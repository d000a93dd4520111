// Writes previews.json for a folder of images: { "sea.jpg": { preview, width, height, color }, ... }
//   node previews-of-folder.mjs photos/ previews.json
import { writeFile } from "node:fs/promises";
import { relative } from "node:path";
import { readImages } from "isthmus/node";
import { averageColor, encodePreview, previewToText } from "isthmus/preview";

const [folder, output] = process.argv.slice(2);
const previews = {};
for (const image of await readImages(folder, { crop: false })) {
  const preview = previewToText(encodePreview(image));
  const { red, green, blue } = averageColor(preview);
  const { width, height } = image;
  previews[relative(folder, image.path)] = { preview, width, height, color: `rgb(${red} ${green} ${blue})` };
}
await writeFile(output, `${JSON.stringify(previews, null, 2)}\n`);
