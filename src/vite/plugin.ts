import { basename, extname, join } from "node:path";
import type { Plugin, ResolvedConfig } from "vite";
import { IsthmusError } from "../ground/errors.js";
import { anInteger, anObject, anything, aText, checkOptions, type OptionTable, oneOf } from "../ground/option-table.js";
import { Pacer } from "../ground/pacer.js";
import { paced } from "../ground/steps.js";
import type { ModelSource } from "../models/model-source.js";
import { type ServedFormat, typeOf } from "../server/formats.js";
import { completeOptions, completeQuality } from "../server/handler-options.js";
import { type PictureFacts, widthsBelow } from "../server/picture-facts.js";
import { type Picture, readPicture, readUnchanged } from "../server/picture-files.js";
import type { Rendition, RenditionSettings } from "../server/rendition.js";
import { Renditions } from "../server/renditions.js";
import { StreamEncoder } from "../server/stream-encoder.js";
import { type PictureImport, pictureImport } from "./picture-import.js";

export interface IsthmusPluginOptions {
  /** Widths of `srcset`, in pixels, beside the picture's own. Default 640, 1280, 1920. */
  readonly widths?: readonly number[] | undefined;
  /** 0 .. 100 of each format's own scale. Default: isth 75, avif 55, webp 76, jpeg 73. */
  readonly quality?: Partial<RenditionSettings["quality"]> | undefined;
  /** As of `Codec.encode`: 0 (default) .. 9. */
  readonly effort?: number | undefined;
  /** The format of `fallback`: `avif`, `webp` (the default), `jpeg` (PNG where there is alpha), or `none`: the streams themselves. */
  readonly fallback?: "avif" | "webp" | "jpeg" | "none" | undefined;
  /** A whole model; pages get its receiver's half. Default: the embedded photo model. */
  readonly model?: ModelSource | undefined;
  /** Where what was encoded is kept between builds. Default: `isthmus` in Vite's `cacheDir`. */
  readonly cacheFolder?: string | undefined;
  /** Threads that encode, 1 .. 64. Default: the cores but one, 4 at most. */
  readonly threads?: number | undefined;
  /** Most pixels of a picture. Default 2^26. */
  readonly maxPixels?: number | undefined;
}

const kinds: OptionTable<IsthmusPluginOptions> = {
  widths: anything,
  quality: anObject,
  effort: anything,
  fallback: oneOf(["avif", "webp", "jpeg", "none"]),
  model: anything,
  cacheFolder: aText,
  threads: anInteger(1, 64),
  maxPixels: anything,
};
const usualWidths = [640, 1280, 1920];
const devPath = "@isthmus/";

/** A file that the page asks for: what it is called, and how it is made. */
interface PageFile {
  readonly name: string;
  readonly type: string;
  make(): Promise<Uint8Array>;
}

/**
 * A plugin of Vite: `import photo from "./photo.jpg?isth&quality=60"` gives `{ src, srcset, width, height, preview, fallback }`. Addresses are those of files in the
 * build; the dev server encodes a picture when it is asked for. Throws `invalid-parameter`.
 */
export function isthmus(options: IsthmusPluginOptions = {}): Plugin {
  const { fallback: usualFallback = "webp", cacheFolder, ...rest } = checkOptions(options, kinds, "isthmus");
  const complete = completeOptions({ widths: usualWidths, ...rest, folder: "." });
  const encoder = new StreamEncoder(options.model, complete.threads);
  /** What the pages of the dev server may ask for, by the paths of their addresses. */
  const offered = new Map<string, PageFile>();
  let config: ResolvedConfig;
  let renditions: Renditions;

  const isBuild = (): boolean => config.command === "build";

  /** The addresses of a picture in one format. */
  async function sourcesOf(
    picture: Picture,
    format: ServedFormat,
    { settings, widths }: { settings: RenditionSettings; widths: readonly number[] },
    addressOf: (file: PageFile, key: string) => Promise<string>,
  ): Promise<{ src: string; srcset: string }> {
    const stem = basename(picture.file, extname(picture.file));
    const addresses: [address: string, width: number][] = [];
    for (const width of widthsBelow(widths, picture.width)) {
      const rendition: Rendition = { picture, format, width };
      const file: PageFile = {
        name: `${stem}-${width}.${format}`,
        type: typeOf[format],
        make: async () => (await renditions.of(rendition, settings)).bytes,
      };
      addresses.push([await addressOf(file, await renditions.keyOf(rendition, settings)), width]);
    }
    const srcset = addresses.map(([address, width]) => `${address} ${width}w`).join(", ");
    return { src: addresses[addresses.length - 1][0], srcset };
  }

  return {
    name: "isthmus",
    // Before Vite's own plugin for images.
    enforce: "pre",

    configResolved(resolved) {
      config = resolved;
      renditions = new Renditions(readUnchanged, encoder, {
        ...complete,
        cacheFolder: cacheFolder ?? join(config.cacheDir, "isthmus"),
        tell: ({ message }) => config.logger.warn(message),
      });
    },

    async load(id) {
      const asked = pictureImport(id);
      if (!asked) return null;
      this.addWatchFile(asked.file);
      const emit = async (file: PageFile): Promise<string> => {
        const source = await file.make();
        // The words by which Vite finds what it is to replace by an address.
        return `__VITE_ASSET__${this.emitFile({ type: "asset", name: file.name, source })}__`;
      };
      const offer = async (file: PageFile, key: string): Promise<string> => {
        const path = `${devPath}${key}/${encodeURIComponent(file.name)}`;
        offered.set(path, file);
        return config.base + path;
      };
      return `export default ${JSON.stringify(await factsOf(asked, isBuild() ? emit : offer))};`;
    },

    configureServer(server) {
      server.middlewares.use(async (request, response, next) => {
        const path = request.url?.split("?")[0] ?? "";
        const at = path.indexOf(devPath);
        const file = at < 0 ? undefined : offered.get(path.slice(at));
        if (!file) return next();
        try {
          const bytes = await file.make();
          if (response.destroyed) return;
          response
            .setHeader("content-type", file.type)
            .setHeader("cache-control", "max-age=31536000, immutable")
            .end(bytes);
        } catch (error) {
          next(error);
        }
      });
    },

    closeBundle() {
      encoder.close();
    },
  };

  async function factsOf(
    { file, settings }: PictureImport,
    addressOf: (file: PageFile, key: string) => Promise<string>,
  ): Promise<PictureFacts> {
    const picture = await readPicture(file, complete.maxPixels);
    if (picture.isAnimated) {
      throw new IsthmusError(
        "invalid-image",
        `Expected a picture that does not move in ${file}: import it without ?isth`,
      );
    }
    const making = {
      settings: {
        quality: completeQuality({ ...complete.settings.quality, ...settings.quality }),
        effort: settings.effort ?? complete.settings.effort,
      },
      widths: settings.widths ?? complete.widths,
    };
    const fallback = settings.fallback ?? usualFallback;
    const { width, height } = picture;
    const preview = await renditions.preview(picture);
    const streams = await sourcesOf(picture, "isth", making, addressOf);
    const format = fallback === "jpeg" && picture.hasAlpha ? "png" : fallback;
    const others = format === "none" ? streams : await sourcesOf(picture, format, making, addressOf);
    const model = options.model === undefined ? undefined : await encoder.model();
    const modelFile = model && {
      name: `${model.id}.isthm`,
      type: "application/octet-stream",
      make: () => paced(model.receiving(true), new Pacer({})),
    };
    return {
      ...streams,
      width,
      height,
      preview,
      fallback: others,
      ...(modelFile && { model: await addressOf(modelFile, "models") }),
    };
  }
}
