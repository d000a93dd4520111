/** Where the first frame of an animation lies on its canvas. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The first frame of a GIF or WebP; undefined where there is none, or the file ends before it. */
export function firstFrame(bytes: Uint8Array, format: string): Rectangle | undefined {
  if (format === "gif") return firstFrameOfGif(bytes);
  return format === "webp" ? firstFrameOfWebp(bytes) : undefined;
}

const screenDescriptor = 6;
const extension = 0x21;
const imageDescriptor = 0x2c;

function firstFrameOfGif(bytes: Uint8Array): Rectangle | undefined {
  const colourTable = (flags: number): number => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);
  let at = screenDescriptor + 7 + colourTable(bytes[screenDescriptor + 4]);
  while (bytes[at] === extension) {
    at += 2;
    while (bytes[at] > 0) at += 1 + bytes[at];
    at++;
  }
  if (bytes[at] !== imageDescriptor || at + 9 > bytes.length) return undefined;
  const [left, top, width, height] = [1, 3, 5, 7].map((i) => bytes[at + i] | (bytes[at + i + 1] << 8));
  return { left, top, width, height };
}

function firstFrameOfWebp(bytes: Uint8Array): Rectangle | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 12; at + 24 <= bytes.length; ) {
    const length = view.getUint32(at + 4, true);
    if (String.fromCharCode(...bytes.subarray(at, at + 4)) === "ANMF") {
      const [left, top, width, height] = [8, 11, 14, 17].map((i) => view.getUint32(at + i, true) & 0xffffff);
      return { left: 2 * left, top: 2 * top, width: width + 1, height: height + 1 };
    }
    at += 8 + length + (length & 1);
  }
  return undefined;
}
