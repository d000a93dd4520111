/** How files of pictures begin: characters of Latin-1, where a full stop stands for any. */
const kinds: readonly (readonly [start: string, kind: string])[] = [
  ["\xff\xd8\xff", "a JPEG"],
  ["\x89PNG", "a PNG"],
  ["GIF8", "a GIF"],
  ["RIFF....WEBP", "a WebP"],
  ["....ftyp", "an AVIF or HEIC"],
  ["\xff\x0a", "a JPEG XL"],
  ["....JXL ", "a JPEG XL"],
  ["II*\0", "a TIFF"],
  ["MM\0*", "a TIFF"],
  ["BM", "a BMP"],
  ["<svg", "an SVG"],
];

/** What kind of picture file bytes are the start of, with its article; undefined for anything else. */
export function pictureFileKind(bytes: Uint8Array): string | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, 12));
  return kinds.find(([start]) => [...start].every((sign, i) => sign === "." || sign === head[i]))?.[1];
}
