import { concatenate } from "../ground/bytes.js";
import { crc32 } from "../ground/crc.js";
import type { DecodedImage } from "../image/image.js";

/**
 * A PNG of an RGBA picture of up to 65535 bytes of samples in one stored block: not small, but made without a compressor. Opaque pictures leave alpha out.
 */
export function encodePng({ data, width, height }: DecodedImage): Uint8Array<ArrayBuffer> {
  let opaque = true;
  for (let i = 3; i < data.length; i += 4) opaque &&= data[i] === 255;
  const channels = opaque ? 3 : 4;
  const rows = new Uint8Array(height * (1 + width * channels));
  for (let y = 0, to = 0; y < height; y++) {
    rows[to++] = 0; // no filter
    for (let from = y * width * 4; from < (y + 1) * width * 4; from += 4) {
      for (let c = 0; c < channels; c++) rows[to++] = data[from + c];
    }
  }
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, opaque ? 2 : 6], 8);
  const chunks = [chunk("IHDR", header), chunk("IDAT", zlibStored(rows)), chunk("IEND", new Uint8Array(0))];
  return concatenate([Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), ...chunks]);
}

function chunk(name: string, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(content.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  bytes.set(
    Array.from(name, (character) => character.charCodeAt(0)),
    4,
  );
  bytes.set(content, 8);
  view.setUint32(content.length + 8, crc32(bytes.subarray(4, content.length + 8)));
  return bytes;
}

const largestBlock = 65535;

/** RFC 1950 and 1951: stored blocks, then Adler-32. */
function zlibStored(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [Uint8Array.of(0x78, 0x01)];
  for (let at = 0; at < bytes.length; at += largestBlock) {
    const block = bytes.subarray(at, at + largestBlock);
    const size = block.length;
    const last = at + size === bytes.length ? 1 : 0;
    parts.push(Uint8Array.of(last, size & 255, size >> 8, ~size & 255, (~size >> 8) & 255), block);
  }
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return concatenate([...parts, Uint8Array.of(b >> 8, b & 255, a >> 8, a & 255)]);
}
