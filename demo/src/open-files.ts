import { batch } from "@preact/signals";
import type { StreamReport } from "isthmus";
import { decode, decoderOf } from "./coding.js";
import { showPicture, showStream } from "./compare/comparison.js";
import { explore } from "./explore/exploring.js";
import { addModel, chosenModel, ownModels } from "./models.js";
import { complain, messageOf, note } from "./notices.js";
import { mostPixels, openPicture } from "./pictures/open-picture.js";
import { view } from "./view.js";
import { isthmus } from "./workers/isthmus.js";

const streamStart = 0xc9;

/** Opens what was chosen, dropped or pasted for looking at it: a picture, a stream, or a model. */
export async function openFiles(files: readonly File[]): Promise<void> {
  const [file, ...others] = files;
  if (!file) return;
  try {
    await openFile(file);
    if (others.length > 0)
      note(`Opened ${file.name}, the first of ${files.length} files. To train on all of them, drop them on Train.`);
  } catch (error) {
    complain(error);
  }
}

async function openFile(file: File): Promise<void> {
  const head = new Uint8Array(await file.slice(0, 16).arrayBuffer());
  if (file.size === 0) throw new Error(`${file.name} is empty.`);
  if (/\.isthm$/i.test(file.name)) return openModel(file);
  if (head[0] === streamStart || /\.isth$/i.test(file.name)) return openStream(file);
  const picture = await openPicture(file, file.name);
  if (picture.note) note(picture.note);
  showPicture(picture);
  view.value = "compare";
}

async function openModel(file: File): Promise<void> {
  const bytes = await bytesOf(file);
  const { report } = await addModel(bytes, file.name).catch((error) => {
    throw new Error(`${file.name} is not a model that this page can use: ${messageOf(error)}`);
  });
  if (view.value === "explore" && report.preset === "variational") return explore(bytes, file.name);
  batch(() => {
    view.value = "compare";
    if (report.part === "all") chosenModel.value = report.id;
  });
  note(
    report.part === "all"
      ? `${file.name} is in use now (model ${report.id}).`
      : `${file.name} decodes streams of model ${report.id} from now on. It is a receiver's half, so it cannot encode.`,
  );
}

async function openStream(file: File): Promise<void> {
  const bytes = await bytesOf(file);
  try {
    const report = (await isthmus().inspect(bytes)) as StreamReport;
    const photoDecoder = await decoderOf(undefined);
    const own = ownModels.value.find(({ id }) => id === report.modelId);
    if (photoDecoder.model.id !== report.modelId && !own) {
      throw new Error(
        `it was made with model ${report.modelId}, which is not here. Open that model's .isthm file first.`,
      );
    }
    const decoder = own ? await decoderOf(own) : photoDecoder;
    const { image, milliseconds } = await decode(decoder, bytes, { maxPixels: mostPixels / 4 });
    const likeness = { ssimulacra2: undefined, psnr: undefined, ssim: undefined, encodeMilliseconds: undefined };
    showStream(file.name, { bytes, image, quality: report.quality, ...likeness, decodeMilliseconds: milliseconds });
    view.value = "compare";
  } catch (error) {
    throw new Error(`${file.name} cannot be shown: ${messageOf(error)}`);
  }
}

const bytesOf = async (file: File): Promise<Uint8Array> => new Uint8Array(await file.arrayBuffer());
