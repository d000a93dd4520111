import { IsthmusError } from "../ground/errors.js";
import type { Competitors } from "./competitors.js";
import { highestPsnr } from "./metrics.js";
import { readPicture } from "./picture.js";
import { quickScore, type Score, score } from "./score.js";

/** One codec on one image at several qualities: the unit of work of a comparison. */
export interface Task {
  readonly path: string;
  /** Only the middle square of this side, in pixels. */
  readonly crop?: number;
  readonly competitor: string;
  readonly qualities: readonly number[];
  /** Leave out the slow scores, which then are 0. */
  readonly quick?: boolean;
}

/** What a codec made of an image at one quality. */
export interface Sample extends Score {
  readonly quality: number;
  readonly bytes: number;
  /** Bits a pixel. */
  readonly bpp: number;
}

/** Throws what reading and the codec throw; another codec's error becomes `invalid-image`, since nothing else is wrong with it. */
export async function runTask(task: Task, competitors: Competitors): Promise<Sample[]> {
  const image = await readPicture(task.path, task.crop);
  const competitor = await competitors.get(task.competitor);
  const samples: Sample[] = [];
  try {
    for (const quality of task.qualities) {
      const bytes = await competitor.encode(image, quality);
      const decoded = await competitor.decode(bytes);
      const scores = task.quick
        ? { ...(await quickScore(image, decoded)), ssim: 0, msSsim: 0 }
        : await score(image, decoded);
      const psnr = competitor.lossless ? highestPsnr : scores.psnr;
      const bpp = (bytes.length * 8) / (image.width * image.height);
      samples.push({ ...scores, quality, bytes: bytes.length, bpp, psnr });
    }
    return samples;
  } catch (cause) {
    if (cause instanceof IsthmusError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new IsthmusError("invalid-image", `${competitor.name} cannot code it: ${reason}`, { cause });
  }
}
