import { crc32 } from "node:zlib";
import { demand } from "./refused.js";

export type Payload = "latents" | "plane";

/** A stream taken apart (docs/FORMAT.md, "Container"). */
export interface Stream {
  readonly grey: boolean;
  readonly payload: Payload;
  /** The strips of latents name their channels. */
  readonly masked: boolean;
  /** The samples of a plane stand for colours. */
  readonly palette: boolean;
  /** The model's id, 8 bytes in hexadecimal. */
  readonly model: string;
  readonly width: number;
  readonly height: number;
  /** The quality level; 0 where there is none. */
  readonly quality: number;
  readonly metadata: Uint8Array | undefined;
  readonly alpha: Uint8Array | undefined;
  readonly places: Uint8Array | undefined;
  /** The field `symbols`, or `plane`. */
  readonly body: Uint8Array;
}

/** Reads fields from the front of some bytes. */
export class Fields {
  private next = 0;

  constructor(private readonly bytes: Uint8Array) {}

  take(count: number): Uint8Array {
    demand(this.next + count <= this.bytes.length, "the bytes end within a field");
    this.next += count;
    return this.bytes.subarray(this.next - count, this.next);
  }

  byte(): number {
    return this.take(1)[0];
  }

  varint(): number {
    let value = 0;
    for (let i = 0; i < 5; i++) {
      const byte = this.byte();
      value += (byte & 127) * 128 ** i;
      if (byte >= 128) continue;
      demand(i === 0 || byte > 0, "a number is not in its shortest spelling");
      demand(value < 2 ** 32, "a number of 2^32 or more");
      return value;
    }
    demand(false, "a number of six bytes");
  }

  section(): Uint8Array {
    return this.take(this.varint());
  }

  /** Everything but the last `kept` bytes. */
  rest(kept = 0): Uint8Array {
    const count = this.bytes.length - kept - this.next;
    demand(count >= 0, "a field reaches into the checksum");
    return this.take(count);
  }

  get ended(): boolean {
    return this.next === this.bytes.length;
  }
}

const magic = "c969";
const [greyFlag, alphaFlag, metadataFlag, oblongFlag] = [1, 2, 4, 128];

/** docs/FORMAT.md, "Payloads": the payload that a head names, and its flags. */
export function readHead(head: number) {
  const flag = (bit: number) => (head & bit) !== 0;
  demand(!flag(64), "a payload that is not known");
  const payload: Payload = flag(32) ? "plane" : "latents";
  const [third, fourth] = [flag(8), flag(16)];
  demand(payload === "latents" || !fourth, "a spare bit that is 1");
  const latents = payload === "latents";
  return { payload, masked: latents && third, palette: !latents && third, hasPlaces: latents && fourth };
}

export const hexadecimal = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

export function readStream(bytes: Uint8Array, maxPixels: number): Stream {
  const fields = new Fields(bytes);
  demand(hexadecimal(fields.take(2)) === magic, "not an Isthmus stream");
  const head = fields.byte();
  const flag = (bit: number) => (head & bit) !== 0;
  const { payload, masked, palette, hasPlaces } = readHead(head);
  demand(!(palette && flag(greyFlag)), "greys have no palette");
  const model = hexadecimal(fields.take(8));
  const width = fields.varint();
  const height = flag(oblongFlag) ? fields.varint() : width;
  demand(!flag(oblongFlag) || width !== height, "a square with a height");
  for (const side of [width, height]) demand(side >= 1 && side <= 2 ** 16, "a side beyond 1 .. 2^16");
  demand(width * height <= maxPixels, "too many pixels");
  const quality = payload === "latents" ? fields.byte() : 0;
  const metadata = flag(metadataFlag) ? fields.section() : undefined;
  const alpha = flag(alphaFlag) ? fields.section() : undefined;
  const places = hasPlaces ? fields.section() : undefined;
  const checksumBytes = bytes.length < 1024 ? 2 : 4;
  const body = fields.rest(checksumBytes);
  const checksum = Buffer.from(fields.take(checksumBytes)).readUIntLE(0, checksumBytes);
  const checked = bytes.subarray(0, -checksumBytes);
  demand((checksumBytes === 2 ? crc16(checked) : crc32(checked)) === checksum, "a wrong checksum");
  if (metadata) checkMetadata(metadata);
  return {
    grey: flag(greyFlag),
    payload,
    masked,
    palette,
    model,
    width,
    height,
    quality,
    metadata,
    alpha,
    places,
    body,
  };
}

/** As a division of polynomials, coefficient by coefficient; the lowest bit of a byte is the highest coefficient. */
export function crc16(bytes: Uint8Array): number {
  const bits = [...bytes].flatMap((byte) => Array.from({ length: 8 }, (_, i) => (byte >> i) & 1));
  const dividend = [...bits, ...new Array<number>(16).fill(0)].map((bit, i) => (i < 16 ? bit ^ 1 : bit));
  const divisor = [...(0x11021).toString(2)].map(Number);
  for (let i = 0; i < bits.length; i++) {
    if (dividend[i]) for (const [j, coefficient] of divisor.entries()) dividend[i + j] ^= coefficient;
  }
  return dividend.slice(-16).reduce((sum, bit, i) => sum + ((bit ^ 1) << i), 0);
}

function checkMetadata(section: Uint8Array): void {
  demand(section.length <= 2 ** 24, "too much metadata");
  const fields = new Fields(section);
  let last = 0;
  do {
    const kind = fields.byte();
    demand(kind > last && kind <= 3, "metadata of an unknown kind, or out of order");
    demand(fields.section().length > 0, "empty metadata");
    last = kind;
  } while (!fields.ended);
}
