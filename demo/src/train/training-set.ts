import { complain, note } from "../notices.js";
import { drawCoast } from "../pictures/draw-coast.js";
import { openPicture, type Picture } from "../pictures/open-picture.js";

/** Training pictures are scaled down to this many pixels each, ... */
const mostPixelsEach = 512 * 512;
/** ... and as many are taken as fit this together: their pixels are kept in memory twice. */
const mostPixelsTogether = 48_000_000;

/** The pictures among the files; says what was left out. */
export async function readTrainingPictures(
  files: readonly File[],
  have: readonly Picture[],
  onProgress: (fraction: number) => void,
): Promise<Picture[]> {
  const pictures: Picture[] = [];
  const refused: { name: string; reason: string }[] = [];
  let pixels = have.reduce((sum, { image }) => sum + image.width * image.height, 0);
  for (const [index, file] of files.entries()) {
    if (pixels > mostPixelsTogether) {
      note(
        `Took the first ${pictures.length} pictures: more would not fit the memory that this page allows itself. The command line takes any number.`,
      );
      break;
    }
    try {
      const picture = await openPicture(file, file.name, mostPixelsEach);
      pictures.push(picture);
      pixels += picture.image.width * picture.image.height;
    } catch (error) {
      refused.push({ name: file.name, reason: (error as Error).message });
    }
    onProgress((index + 1) / files.length);
  }
  if (refused.length > 0) complain(new Error(leftOut(refused)));
  const scaled = pictures.filter(({ note }) => note !== undefined).length;
  if (scaled > 0)
    note(
      `${scaled === 1 ? "One picture was" : `${scaled} pictures were`} scaled down to 512 × 512 pixels in area, to train sooner.`,
    );
  return pictures;
}

function leftOut(refused: readonly { name: string; reason: string }[]): string {
  if (refused.length === 1) return `${refused[0].reason} It was left out.`;
  const names = refused.slice(0, 3).map(({ name }) => name);
  return `${refused.length} files are not pictures that this browser can show, and were left out: ${names.join(", ")}${refused.length > 3 ? ", …" : ""}`;
}

const drawn = { count: 120, side: 128 };

/** A set of one kind of picture for those who have none at hand. */
export const drawTrainingSet = (): Picture[] =>
  Array.from({ length: drawn.count }, (_, i) => ({
    name: `Coast ${i + 1}`,
    image: drawCoast(1000 + i, drawn.side, drawn.side),
  }));

/** Every tenth picture is held back for judging what was learnt; fewer than four pictures serve both sides. */
export function split(pictures: readonly Picture[]): { trained: readonly Picture[]; heldBack: readonly Picture[] } {
  if (pictures.length < 4) return { trained: pictures, heldBack: pictures };
  const every = Math.min(10, pictures.length);
  const isHeldBack = (i: number): boolean => i % every === every - 1;
  return { trained: pictures.filter((_, i) => !isHeldBack(i)), heldBack: pictures.filter((_, i) => isHeldBack(i)) };
}
