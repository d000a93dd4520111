import { IsthmusError, throwIfAborted } from "../ground/errors.js";
import type { Preset } from "../models/configuration.js";
import { isFault, nothingIn } from "../node/image-paths.js";
import { type NamedLazyImage, openStrictly, withStandIn } from "../node/open-images.js";
import { type NamedImage, readImages } from "../node/read-images.js";
import { usualImageMemory } from "../training/gallery.js";
import { BatchSummary } from "./batch-summary.js";
import type { NamedSource } from "./hold-back.js";
import type { Report } from "./report.js";

/** Samples of a pixel, as far as its file tells. */
const usualChannels = 3;

export interface ReadSettings {
  readonly preset: Preset | undefined;
  readonly strict: boolean;
  readonly signal: AbortSignal;
  /** Photos that take more bytes than this are decoded as they are drawn from. */
  readonly imageMemory?: number | undefined;
}

/** Finds the images of a training, and tells what they are. */
export class TrainingImages {
  private skipped = 0;
  private readonly summary = new BatchSummary("one picture of 8-bit sRGB");

  constructor(
    private readonly settings: ReadSettings,
    private readonly report: Report,
  ) {}

  /** Reads photos where there is room for them, else opens them. Pictures of one size are small, and all read. */
  async find(sources: readonly string[]): Promise<readonly NamedSource[]> {
    const { preset, imageMemory = usualImageMemory } = this.settings;
    if (preset !== undefined && preset !== "photo") {
      const images = await readImages(sources, { ...this.common("reading"), crop: false });
      checkOneSize(images, preset);
      return this.told(images);
    }
    const common = this.common("opening");
    const opened = await openStrictly(sources, common);
    const bytes = opened.reduce((sum, { width, height }) => sum + width * height * usualChannels, 0);
    if (bytes <= imageMemory) return this.told(await this.decodeAll(opened));
    return this.told(
      opened.map((image) => withStandIn(image, common.onSkip)),
      ", decoded as they are drawn from",
    );
  }

  /** Reads images for previews, of which little is looked at: large ones lose their borders where there is no room for all. */
  async read(sources: readonly string[]): Promise<readonly NamedImage[]> {
    return this.told(await readImages(sources, this.common("reading")));
  }

  /** What files were before they became pixels, as far as they have. */
  tellConversions(): void {
    this.summary.tell(this.report, 0);
  }

  private async decodeAll(opened: readonly NamedLazyImage[]): Promise<NamedImage[]> {
    const { signal } = this.settings;
    const { onSkip, onProgress } = this.common("reading");
    const images: NamedImage[] = [];
    for (const [index, image] of opened.entries()) {
      throwIfAborted(signal);
      onProgress(index, opened.length);
      try {
        images.push({ ...(await image.decode()), path: image.path });
      } catch (error) {
        if (!isFault(error)) throw error;
        onSkip(image.path, error);
      }
    }
    if (images.length > 0) return images;
    const paths = opened.map(({ path }) => path);
    throw nothingIn(paths, paths);
  }

  private common(doing: string) {
    const { strict, signal } = this.settings;
    return {
      strict,
      signal,
      onSkip: (path: string, error: IsthmusError) => {
        this.skipped++;
        this.report.warning(`skipped ${path}: ${error.message}`);
      },
      onConvert: (_: string, from: string) => this.summary.convert([from]),
      onProgress: (done: number, total: number) =>
        this.report.progress.update(done / total, `${doing} image ${done} of ${total}`),
    };
  }

  private told<Source extends NamedSource>(images: readonly Source[], how = ""): readonly Source[] {
    const skipped = this.skipped > 0 ? ` (${this.skipped} files skipped)` : "";
    this.report.remark(
      `${images.length} images, ${rangeOf(images, "width")} x ${rangeOf(images, "height")} pixels${how}${skipped}`,
    );
    this.skipped = 0;
    throwIfAborted(this.settings.signal);
    return images;
  }
}

function rangeOf(images: readonly NamedSource[], side: "width" | "height"): string {
  const sides = images.map((image) => image[side]);
  const [least, most] = [sides.reduce((a, b) => Math.min(a, b)), sides.reduce((a, b) => Math.max(a, b))];
  return least === most ? `${least}` : `${least}..${most}`;
}

function checkOneSize(images: readonly NamedImage[], preset: Preset): void {
  const [first] = images;
  const other = images.find(({ width, height }) => width !== first.width || height !== first.height);
  if (!other) return;
  throw new IsthmusError(
    "invalid-training-set",
    `Expected images of one size for the preset ${preset} but received ${first.width} x ${first.height} (${first.path}) ` +
      `and ${other.width} x ${other.height} (${other.path})`,
  );
}
