import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { inspect } from "../codec/inspect.js";
import { writeBytes } from "./output-file.js";

/** What a stream was made from; equal ones give equal streams. */
export interface JobOrigin {
  /** SHA-256 of the image file. */
  readonly source: string;
  /** SHA-256 of the whole model's file. */
  readonly model: string;
  readonly settings: object;
}

/** What the record beside a stream says. */
export interface JobRecord {
  readonly origin: JobOrigin;
  /** SHA-256 of the stream, by which a record tells another stream from its own. */
  readonly stream: string;
}

export const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Where the record of a stream lies. */
export const recordPath = (out: string): string => `${out}.json`;

/** The stream at `out`, where it is whole, can be read by this version, and was made from `origin`; undefined otherwise. */
export async function madeBefore(out: string, origin: JobOrigin): Promise<Uint8Array | undefined> {
  try {
    const record: JobRecord = JSON.parse(await readFile(recordPath(out), "utf8"));
    if (JSON.stringify(record.origin) !== textOf(origin)) return undefined;
    const stream = new Uint8Array(await readFile(out));
    if (record.stream !== sha256Of(stream)) return undefined;
    inspect(stream);
    return stream;
  } catch {
    // Whatever cannot be read or understood is made again; where it stands in the way, writing tells.
    return undefined;
  }
}

/** Writes the record of a stream that has been written. Throws `output-unwritable`. */
export async function writeRecord(out: string, origin: JobOrigin, stream: Uint8Array): Promise<void> {
  const text = `{"origin":${textOf(origin)},"stream":"${sha256Of(stream)}"}\n`;
  await writeBytes(recordPath(out), new TextEncoder().encode(text));
}

/** Maps of numbers may be long: their digests stand for them. */
const textOf = (origin: JobOrigin): string =>
  JSON.stringify(origin, (_, value) =>
    ArrayBuffer.isView(value)
      ? `sha256:${sha256Of(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))}`
      : value,
  );
