import { expected, IsthmusError } from "../ground/errors.js";
import { limitOf } from "../ground/limits.js";
import { aFunction, anything, aSignal, checkOptions, type OptionTable } from "../ground/option-table.js";
import { type PaceOptions, Pacer } from "../ground/pacer.js";
import { paced } from "../ground/steps.js";
import { joinAlpha, separateAlpha } from "../image/alpha.js";
import { convertColour, isGrey } from "../image/channels.js";
import { copyImage, type DecodedImage, type Image } from "../image/image.js";
import { rowsInMemory } from "../image/pixel-rows.js";
import { enlarge } from "../image/resize.js";
import { loadKernels } from "../kernels/instantiate.js";
import { type Turns, turnsAt } from "../kernels/turns.js";
import type { Restoration } from "../models/configuration.js";
import { Model } from "../models/model.js";
import type { OpenOptions } from "../models/model-source.js";
import { checkOpening, type ModelSource, readModel } from "../models/model-source.js";
import type { Network } from "../models/network.js";
import { gridSize } from "../models/tiling.js";
import { rowsOf, sizeOf } from "../nn/grid.js";
import { Analysis } from "./latents/analysis.js";
import { knownRows } from "./latents/known-rows.js";
import { stripsOf } from "./latents/strips.js";
import { synthesisOf } from "./latents/synthesis.js";

export interface RestoreOptions extends PaceOptions {
  /** Most pixels of the restored image. Default 2^28. */
  readonly maxPixels?: number;
}

const restoreKinds: OptionTable<RestoreOptions> = { maxPixels: anything, signal: aSignal, onProgress: aFunction };

/** Share of the time that analysis takes. */
const analysed = 0.5;

/** Restores damaged images with a model that was trained to. Calls may overlap: they take turns, a strip of their picture at a time. */
export class Restorer {
  private readonly turns: Turns;

  private constructor(
    readonly model: Model,
    private readonly network: Network,
    private readonly restoration: Restoration,
  ) {
    this.turns = turnsAt(network.kernels.memory);
  }

  /** @throws IsthmusError as `Model.read`, `model-unsuited` (a model that codes), `memory-exceeded` or `unsupported-engine` */
  static async create(model: ModelSource, options: OpenOptions = {}): Promise<Restorer> {
    checkOpening(options, "createRestorer");
    const read = model instanceof Model ? model : await Model.open(await readModel(model), options, true);
    const { restoration, preset } = read.configuration;
    if (!restoration) {
      throw new IsthmusError(
        "model-unsuited",
        `Expected a model that restores pictures but received one that codes them (preset ${preset})`,
      );
    }
    const network = await paced(read.networkSteps(await loadKernels(options)), new Pacer(options));
    return new Restorer(read, network, restoration);
  }

  /**
   * The restored image: the same channels, and the same size unless the model enlarges (`downscale`). Alpha stays as it is. The same image and
   * model give the same pixels on every engine.
   * @throws IsthmusError `invalid-parameter`, `image-too-large` or `aborted`
   */
  async restore(image: Image, options: RestoreOptions = {}): Promise<DecodedImage> {
    checkOptions(options, restoreKinds, "restore");
    const maxPixels = limitOf("maxPixels", options.maxPixels);
    const { scale } = this.restoration;
    const given = copyImage(image, Math.floor(maxPixels / scale ** 2));
    const checked = scale > 1 ? enlarge(given, scale) : given;
    this.checkSize(checked);
    const { colour, alpha } = separateAlpha(checked);
    const restored = await this.restoreColour(colour, new Pacer(options));
    options.onProgress?.(1);
    return alpha ? joinAlpha(restored, alpha) : restored;
  }

  private async restoreColour(image: DecodedImage, pacer: Pacer): Promise<DecodedImage> {
    const { channels } = this.model;
    if (channels === 1 && !isGrey(image)) {
      throw expected("a grey image (or a model trained on colour)", "image", `${image.channels} channels of colour`);
    }
    const picture = convertColour(image, channels === 1 ? 1 : 3);
    const data = await this.run(picture, pacer);
    return convertColour({ ...picture, data }, image.channels === 1 ? 1 : 3);
  }

  private async run(image: DecodedImage, pacer: Pacer): Promise<Uint8Array> {
    const { kernels, configuration: c, levels } = this.network;
    const [level] = levels;
    const { memory } = kernels;
    const picture = rowsInMemory(image);
    const grid = gridSize(c, image);
    const analysis = new Analysis(level, image);
    const synthesis = synthesisOf(level, image);
    const known = knownRows(grid.width * c.latents, synthesis.contextRows);
    const restored = new Uint8Array(image.width * image.height * c.channels);
    let done = 0;
    for (const strip of stripsOf(grid)) {
      const { first, end } = analysis.pixelRows(strip);
      const pixels = await picture.window(first, end);
      const part = pacer.part(strip.first / grid.height, strip.end / grid.height);
      const rows = await this.turns.run(async () => {
        const above = known.count();
        const floats = grid.width * c.latents;
        const pointer = memory.allocateFloats((above + strip.end - strip.first) * floats);
        await known.restore(memory.f32(pointer, above * floats), part);
        const latents = await analysis.latents(strip, pixels, part.part(0, analysed));
        memory.copy(latents.pointer, pointer + above * floats * 4, sizeOf(latents) * 4);
        const all = { ...latents, pointer, height: above + latents.height };
        await known.keep(memory.f32(pointer, rowsOf(all) * c.latents), part);
        return synthesis.pixels(all, strip.first - above, part.part(analysed, 1));
      }, pacer.signal);
      restored.set(rows, done);
      done += rows.length;
    }
    return restored;
  }

  private checkSize({ width, height }: DecodedImage): void {
    const { fixedSize, patch } = this.network.configuration;
    if (!fixedSize || (width === patch.width && height === patch.height)) return;
    throw expected(`${patch.width} x ${patch.height} pixels for this model`, "image", `${width} x ${height}`);
  }
}
