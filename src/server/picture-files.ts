import { createHash } from "node:crypto";
import type { Stats } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { isAbsolute, join, relative, sep } from "node:path";
import { IsthmusError } from "../ground/errors.js";
import { limits } from "../ground/limits.js";
import { errno, unreadable } from "../node/files.js";
import { readBytes } from "../node/read-bytes.js";
import { readMetadata } from "../node/read-image.js";
import type { Tell } from "./tell-seldom.js";

/** A picture of the folder, as it was when it was looked at last. */
export interface Picture {
  /** Below the folder, with slashes. */
  readonly path: string;
  /** The file itself, after all links. */
  readonly file: string;
  /** SHA-256 of the file, in hexadecimal digits. */
  readonly digest: string;
  /** As it is shown, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly hasAlpha: boolean;
  readonly isAnimated: boolean;
  /** Why it cannot be shown. */
  readonly problem?: IsthmusError;
}

type PictureShape = Pick<Picture, "width" | "height" | "hasAlpha" | "isAnimated">;

interface Known {
  readonly stamp: string;
  readonly picture: Picture;
}

const mostKnown = 100_000;
/** Removed between two looks. */
const isGone = (cause: unknown): boolean =>
  errno(cause) === "ENOENT" || (cause instanceof IsthmusError && cause.code === "file-not-found");
/** True for faults of the file itself, which are there as long as it stays as it is. */
const isOfPicture = ({ code }: IsthmusError): boolean => code === "invalid-image" || code === "image-too-large";
const digestOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** The pictures of a folder. Each is read when it is asked for first and whenever its file has changed; nothing outside the folder is. */
export class PictureFiles {
  private readonly known = new Map<string, Known>();
  private readonly looking = new Map<string, Promise<Picture | undefined>>();

  constructor(
    private readonly folder: string,
    private readonly maxPixels: number,
    private readonly tell: Tell,
  ) {}

  /** The picture at a path that `picturePath` has checked; undefined where there is none. Throws `file-unreadable` for what is there and cannot be read. */
  async find(path: string): Promise<Picture | undefined> {
    const named = join(this.folder, path);
    let found: Stats;
    try {
      found = await stat(named);
    } catch (cause) {
      this.known.delete(path);
      if (errno(cause) === "EACCES") throw unreadable(named, cause);
      await this.checkFolder();
      return undefined;
    }
    if (!found.isFile()) return undefined;
    const stamp = [found.dev, found.ino, found.size, found.mtimeMs, found.ctimeMs].join(":");
    const known = this.known.get(path);
    if (known?.stamp === stamp) return known.picture;
    const key = `${stamp} ${path}`;
    const looking = this.looking.get(key) ?? this.look(path, stamp).finally(() => this.looking.delete(key));
    this.looking.set(key, looking);
    return looking;
  }

  /** As `readUnchanged`; a file that has changed is looked at again. */
  async read(picture: Picture): Promise<Uint8Array> {
    try {
      return await readUnchanged(picture);
    } catch (error) {
      this.known.delete(picture.path);
      throw error;
    }
  }

  /** Tells of a folder that is none: with its name misspelt all pictures would be missing without a word. */
  private async checkFolder(): Promise<void> {
    const found = await stat(this.folder).catch(() => undefined);
    if (found?.isDirectory()) return;
    this.tell(new IsthmusError("file-not-found", `Expected a folder of pictures at ${this.folder} but there is none`));
  }

  private async look(path: string, stamp: string): Promise<Picture | undefined> {
    const named = join(this.folder, path);
    try {
      const [folder, file] = await Promise.all([realpath(this.folder), realpath(named)]);
      const inside = relative(folder, file);
      if (isAbsolute(inside) || inside.split(sep)[0] === "..") {
        this.tell(
          new IsthmusError("file-unreadable", `Expected a picture inside ${folder} but ${named} leads out of it`),
        );
        return undefined;
      }
      const picture = { path, file, ...(await this.facts(file, named)) };
      if (this.known.size >= mostKnown) this.known.delete(this.known.keys().next().value!);
      this.known.set(path, { stamp, picture });
      return picture;
    } catch (cause) {
      if (isGone(cause)) return undefined;
      throw cause instanceof IsthmusError ? cause : unreadable(named, cause);
    }
  }

  /** A picture that cannot be shown is told once, and known as long as its file stays as it is. */
  private async facts(file: string, name: string): Promise<PictureShape & Pick<Picture, "digest" | "problem">> {
    let digest = "";
    try {
      const bytes = await readBytes(file, { tooLong: "image-too-large" });
      digest = digestOf(bytes);
      return { digest, ...(await shapeOf(bytes, name, this.maxPixels)) };
    } catch (error) {
      if (!(error instanceof IsthmusError) || !isOfPicture(error)) throw error;
      this.tell(error);
      return { digest, width: 0, height: 0, hasAlpha: false, isAnimated: false, problem: error };
    }
  }
}

/** The picture of a file, wherever it is. Throws `file-not-found`, `file-unreadable`, `invalid-image`, `image-too-large` or `dependency-missing`. */
export async function readPicture(file: string, maxPixels: number): Promise<Picture> {
  const bytes = await readBytes(file);
  return { path: file, file, digest: digestOf(bytes), ...(await shapeOf(bytes, file, maxPixels)) };
}

/** The bytes of a picture. Throws `file-unreadable` where the file is not the one that was found. */
export async function readUnchanged({ file, digest }: Picture): Promise<Uint8Array> {
  const bytes = await readBytes(file);
  if (digestOf(bytes) === digest) return bytes;
  throw new IsthmusError("file-unreadable", `Expected an unchanged file at ${file} but it changes`);
}

async function shapeOf(bytes: Uint8Array, name: string, maxPixels: number): Promise<PictureShape> {
  const { autoOrient, hasAlpha, pages = 1, format } = await readMetadata(bytes, name);
  const { width, height } = autoOrient;
  const isAnimated = pages > 1 && (format === "gif" || format === "webp");
  const pixels = width * height * (isAnimated ? pages : 1);
  if (pixels <= maxPixels && Math.max(width, height) <= limits.maxSide) return { width, height, hasAlpha, isAnimated };
  const message = `Expected at most ${maxPixels} pixels for ${name} but received ${pixels}`;
  throw new IsthmusError("image-too-large", message);
}
