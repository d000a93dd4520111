import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { brotliCompress } from "node:zlib";
import { formatVersion } from "../codec/stream/container.js";
import { IsthmusError } from "../ground/errors.js";
import { once } from "../ground/once.js";
import { Pacer } from "../ground/pacer.js";
import { paced } from "../ground/steps.js";
import { type Answer, type Ask, contentAnswer, refusal } from "./answer.js";
import { builtFiles } from "./built-files.js";
import type { Kept } from "./disk-cache.js";
import { chooseFormat, type ServedFormat, typeOf } from "./formats.js";
import { completeOptions, type PictureHandlerOptions } from "./handler-options.js";
import { type PictureFacts, widthsBelow } from "./picture-facts.js";
import { type Picture, PictureFiles } from "./picture-files.js";
import { picturePath } from "./picture-path.js";
import { heightAt, mostSide } from "./rendition.js";
import { Renditions } from "./renditions.js";
import { StreamEncoder } from "./stream-encoder.js";
import { Busy } from "./workload.js";

const tagOf = (digest: Uint8Array): string => `"${Buffer.from(digest.subarray(0, 16)).toString("base64url")}"`;
const digestOf = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();
const forGood = "public, max-age=31536000, immutable";

/**
 * Serves the pictures of a folder, each in the format that its client takes best and in the widths of a list. Beside them lie `model.isthm`, the receiver's
 * half of the model, and `service-worker.js`. Throws `invalid-parameter`; the folder is looked at when a picture is asked for.
 */
export const createPictureHandler = (options: PictureHandlerOptions): PictureHandler => new PictureHandler(options);

export class PictureHandler {
  private readonly options;
  private readonly files: PictureFiles;
  private readonly encoder: StreamEncoder;
  private readonly renditions: Renditions;
  private readonly receiver = once(async () => {
    const model = await this.encoder.model();
    const bytes = await paced(model.receiving(true), new Pacer({}));
    return { id: model.id, bytes, tag: tagOf(digestOf(bytes)) };
  });
  /** What all files are made with, in 8 digits: browsers that keep pictures for good could not decode those of another model or format. */
  private readonly seal = once(async () => {
    const { formats, settings } = this.options;
    const model = formats.includes("isth") ? (await this.encoder.model().catch(() => undefined))?.id : undefined;
    const facts = new TextEncoder().encode(JSON.stringify([formatVersion, formats, settings, model]));
    return Buffer.from(digestOf(facts)).toString("hex").slice(0, 8);
  });
  private readonly serviceWorker = once(async () => {
    const plain = await readFile(builtFiles.serviceWorker);
    const packed = await promisify(brotliCompress)(plain);
    return [plain, packed].map((bytes) => ({ bytes, tag: tagOf(digestOf(bytes)) }));
  });

  /** Use `createPictureHandler`. */
  constructor(options: PictureHandlerOptions) {
    this.options = completeOptions(options);
    const { folder, maxPixels, model, threads, tell } = this.options;
    this.files = new PictureFiles(folder, maxPixels, tell);
    this.encoder = new StreamEncoder(model, threads);
    this.renditions = new Renditions((picture) => this.files.read(picture), this.encoder, this.options);
  }

  /**
   * The answer to a request, in the form that Deno, Bun and frameworks have. Never throws. Bodies are as they are: some servers (that of Next) leave out a
   * `Content-Encoding` that they have not made, and compress by themselves.
   */
  readonly fetch = (request: Request): Promise<Response> =>
    this.respond(request, (name) => (name === "accept-encoding" ? null : request.headers.get(name)));

  /** As `fetch`, compressed where that pays, for servers that hand on all headers. @internal */
  readonly fetchPacked = (request: Request): Promise<Response> =>
    this.respond(request, (name) => request.headers.get(name));

  private async respond({ method, url }: Request, header: Ask["header"]): Promise<Response> {
    const { pathname: path, search } = new URL(url);
    const { status, headers, body } = await this.answer({ method, path, search, header });
    return new Response((body as Uint8Array<ArrayBuffer> | undefined) ?? null, { status, headers });
  }

  /** What `fetch` answers, for adapters. Never throws. */
  async answer(ask: Ask): Promise<Answer> {
    const answer = await this.attempt(ask).catch((error) => this.failure(error));
    const { headers, body, status } = answer;
    const all = { ...headers, ...this.options.headers };
    return ask.method === "HEAD" || !body ? { status, headers: all } : { status, headers: all, body };
  }

  /**
   * What a page says of a picture: addresses that tell its version, so that caches keep it for good, its size and its preview.
   * @param path below the folder, with slashes, as it is named there
   * @throws IsthmusError `file-not-found`, or what is wrong with the picture
   */
  async describe(path: string): Promise<PictureFacts> {
    const address = path.split("/").map(encodeURIComponent).join("/");
    const checked = picturePath(address);
    const picture = checked === undefined ? undefined : await this.files.find(checked);
    if (!picture) throw new IsthmusError("file-not-found", `Expected a picture at ${path} but there is none`);
    if (picture.problem) throw picture.problem;
    const preview = await this.renditions.preview(picture);
    const { width, height } = picture;
    const [base, version] = [this.options.path + address, `v=${await this.versionOf(picture)}`];
    const sources = widthsBelow(this.options.widths, width).map((each) =>
      each === width ? `${base}?${version} ${width}w` : `${base}?width=${each}&${version} ${each}w`,
    );
    const model = this.options.model === undefined ? {} : { model: `${this.options.path}model.isthm` };
    return { src: `${base}?${version}`, srcset: sources.join(", "), width, height, preview, ...model };
  }

  /** Ends the threads that encode. The handler may be used on; a picture that is to be encoded starts others. */
  close(): void {
    this.encoder.close();
  }

  /** The version of a picture in its address. */
  private async versionOf({ digest }: Picture): Promise<string> {
    return (await this.seal()) + digest.slice(0, 16);
  }

  private async attempt(ask: Ask): Promise<Answer> {
    const { path } = this.options;
    if (!ask.path.startsWith(path)) return refusal(404, "There is nothing here");
    if (ask.method !== "GET" && ask.method !== "HEAD") {
      return refusal(405, "Pictures can be got, and nothing else", { allow: "GET, HEAD" });
    }
    const name = ask.path.slice(path.length);
    if (name === "service-worker.js") return this.answerWithWorker(ask);
    if (name.endsWith(".isthm")) return this.answerWithModel(ask, name.slice(0, -".isthm".length));
    const checked = picturePath(name);
    const picture = checked === undefined ? undefined : await this.files.find(checked);
    return picture ? this.answerWithPicture(ask, picture) : refusal(404, "There is no such picture");
  }

  private async answerWithPicture(ask: Ask, picture: Picture): Promise<Answer> {
    const { formats, widths, maxAge } = this.options;
    if (picture.problem) return refusal(500, "This picture cannot be shown");
    const query = ask.search ? new URLSearchParams(ask.search) : undefined;
    const asked = query?.getAll("width") ?? [];
    const isListed = asked.length === 0 || (asked.length === 1 && widths.some((width) => `${width}` === asked[0]));
    if (!isListed) return refusal(400, `Expected one of ${widths.join(", ")} for width, once`);
    const width = Math.min(picture.width, Number(asked[0] ?? picture.width));
    const longest = Math.max(width, heightAt(picture, width));
    const named = formats.filter((format) => longest <= mostSide[format] && (format === "webp" || !picture.isAnimated));
    const { format, isBest, bytes, digest } = await this.madeFor(ask.header("accept"), named, { picture, width });
    const version = query?.get("v");
    const isForGood = isBest && !!version && version === (await this.versionOf(picture));
    const short = maxAge > 0 ? `public, max-age=${maxAge}` : "public, no-cache";
    return contentAnswer(ask, {
      bytes,
      tag: tagOf(digest),
      headers: {
        "content-type": typeOf[format],
        "cache-control": isForGood ? forGood : short,
        vary: "Accept",
      },
    });
  }

  /** The picture in the best format that a client takes; where that cannot be made, as for want of memory or of a model, in the next one. */
  private async madeFor(
    accept: string | null | undefined,
    named: readonly ServedFormat[],
    wanted: { readonly picture: Picture; readonly width: number },
  ): Promise<Kept & { readonly format: ServedFormat; readonly isBest: boolean }> {
    let left = named;
    for (;;) {
      const format = chooseFormat(accept, left, otherwise(wanted.picture));
      try {
        return { format, isBest: left === named, ...(await this.renditions.of({ ...wanted, format })) };
      } catch (error) {
        if (!left.includes(format) || isOfPicture(error)) throw error;
        this.options.tell(problemOf(error));
        left = left.filter((other) => other !== format);
      }
    }
  }

  /** By its id the model never changes. */
  private async answerWithModel(ask: Ask, id: string): Promise<Answer> {
    const { bytes, tag, id: own } = await this.receiver();
    if (id !== "model" && id !== own) return refusal(404, "There is no such model");
    const headers = {
      "content-type": "application/octet-stream",
      "cache-control": id === own ? forGood : "public, no-cache",
    };
    return contentAnswer(ask, { bytes, tag, headers });
  }

  /** Its scope is the whole site, wherever the pictures lie. */
  private async answerWithWorker(ask: Ask): Promise<Answer> {
    const [plain, packed] = await this.serviceWorker();
    const isPacked = /(^|[\s,])br\s*(,|$)/.test(ask.header("accept-encoding") ?? "");
    const headers = {
      "content-type": "text/javascript; charset=utf-8",
      "cache-control": "public, no-cache",
      "service-worker-allowed": "/",
      // Of the script alone, in the place of a policy that the site has for its pages.
      "content-security-policy": "script-src 'self' 'wasm-unsafe-eval'",
      vary: "Accept-Encoding",
      ...(isPacked && { "content-encoding": "br" }),
    };
    return contentAnswer(ask, { ...(isPacked ? packed : plain), headers });
  }

  private failure(error: unknown): Answer {
    const again = { "retry-after": "1" };
    if (error instanceof Busy) return refusal(503, "Too many pictures are to be encoded", again);
    const problem = problemOf(error);
    this.options.tell(problem);
    if (problem.code === "file-unreadable") return refusal(503, "This picture cannot be read now", again);
    return refusal(500, "This picture cannot be shown");
  }
}

const problemOf = (error: unknown): IsthmusError =>
  error instanceof IsthmusError ? error : new IsthmusError("file-unreadable", `${error}`, { cause: error });
/** True for what would come again in any other format. */
const isOfPicture = (error: unknown): boolean =>
  error instanceof Busy || ["invalid-image", "file-not-found", "file-unreadable"].includes(problemOf(error).code);

const otherwise = ({ isAnimated, hasAlpha }: Picture): ServedFormat => (isAnimated ? "gif" : hasAlpha ? "png" : "jpeg");
