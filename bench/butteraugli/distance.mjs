import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import sharp from "sharp";
import { giveUp } from "../frame/results.mjs";

/** The judge: Debian's libjxl-devtools brings it. */
export const program = "butteraugli_main";

/** Butteraugli's 3-norm of the distance of pictures from an original (0: equal; more is worse), over files in a folder. */
export async function distancesFrom(original, folder) {
  const [first, second] = ["original.png", "picture.png"].map((name) => join(folder, name));
  await writePng(original, first);
  return async (picture) => {
    await writePng(picture, second);
    const { stdout } = await promisify(execFile)(program, [first, second, "--pnorm", "3"]).catch((error) =>
      giveUp(
        error.code === "ENOENT"
          ? `Expected ${program} to be installed, which libjxl-devtools of Debian brings, but found none`
          : error.message,
      ),
    );
    return Number(/3-norm: ([\d.]+)/.exec(stdout)[1]);
  };
}

function writePng({ data, width, height, channels }, path) {
  // An alpha plane that says nothing would count as a difference.
  const picture = sharp(data, { raw: { width, height, channels } }).removeAlpha().toColourspace("srgb");
  return picture.png({ compressionLevel: 1 }).toFile(path);
}
