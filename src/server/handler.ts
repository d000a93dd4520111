import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { brotliCompress } from "node:zlib";
import { formatVersion } from "../codec/stream/container.js";
import { IsthmusError } from "../ground/errors.js";
import { once } from "../ground/once.js";
import { type Answer, type Ask, contentAnswer, refusal } from "./answer.js";
import { builtFiles } from "./built-files.js";
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
/** The version of a picture in its address: that of streams, since browsers that keep pictures for good could not decode those of another, and the original's digest. */
const versionOf = ({ digest }: Picture): string => `${formatVersion}${digest.slice(0, 16)}`;
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
    const bytes = model.receiver({ alone: true });
    return { id: model.id, bytes, tag: tagOf(digestOf(bytes)) };
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
    const [base, version] = [this.options.path + address, `v=${versionOf(picture)}`];
    const sources = widthsBelow(this.options.widths, width).map((each) =>
      each === width ? `${base}?${version} ${width}w` : `${base}?width=${each}&${version} ${each}w`,
    );
    return { src: `${base}?${version}`, srcset: sources.join(", "), width, height, preview };
  }

  /** Ends the threads that encode. The handler may be used on; a picture that is to be encoded starts others. */
  close(): void {
    this.encoder.close();
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
    const named: readonly ServedFormat[] = picture.isAnimated ? formats.filter((format) => format === "webp") : formats;
    const format = chooseFormat(
      ask.header("accept"),
      named.filter((format) => longest <= mostSide[format]),
      otherwise(picture),
    );
    const { bytes, digest } = await this.renditions.of({ picture, format, width });
    const short = maxAge > 0 ? `public, max-age=${maxAge}` : "public, no-cache";
    return contentAnswer(ask, {
      bytes,
      tag: tagOf(digest),
      headers: {
        "content-type": typeOf[format],
        "cache-control": query?.get("v") === versionOf(picture) ? forGood : short,
        vary: "Accept",
      },
    });
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
      vary: "Accept-Encoding",
      ...(isPacked && { "content-encoding": "br" }),
    };
    return contentAnswer(ask, { ...(isPacked ? packed : plain), headers });
  }

  private failure(error: unknown): Answer {
    const again = { "retry-after": "1" };
    if (error instanceof Busy) return refusal(503, "Too many pictures are to be encoded", again);
    const problem =
      error instanceof IsthmusError ? error : new IsthmusError("file-unreadable", `${error}`, { cause: error });
    this.options.tell(problem);
    if (problem.code === "file-unreadable") return refusal(503, "This picture cannot be read now", again);
    return refusal(500, "This picture cannot be shown");
  }
}

const otherwise = ({ isAnimated, hasAlpha }: Picture): ServedFormat => (isAnimated ? "gif" : hasAlpha ? "png" : "jpeg");
