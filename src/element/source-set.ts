/** One of the pictures that an element may show: its address, and how many of its pixels make one of CSS, or its width in pixels. */
interface Candidate {
  readonly address: string;
  readonly density?: number;
  readonly width?: number;
}

/** What an element chose to show. */
export interface Chosen {
  readonly address: string;
  /** Pixels of the picture in one of CSS. */
  readonly density: number;
}

/**
 * What `src`, `srcset` and `sizes` choose, as those of `<img>`: the picture of the least density that is enough for the screen, or of the greatest.
 * Undefined where there is nothing to show.
 * @param widthOf the pixels of CSS that a length such as `50vw` is long
 */
export function chooseSource(
  { src, srcset, sizes }: Readonly<Record<"src" | "srcset" | "sizes", string>>,
  screenDensity: number,
  widthOf: (length: string) => number,
): Chosen | undefined {
  const listed = candidatesOf(srcset);
  const hasWidths = listed.some(({ width }) => width !== undefined);
  const hasPlain = listed.some(({ density }) => density === 1);
  const candidates: readonly Candidate[] =
    src && !hasWidths && !hasPlain ? [...listed, { address: src, density: 1 }] : listed;
  const slot = hasWidths ? Math.max(1, slotWidth(sizes, widthOf)) : 1;
  const chosen = candidates
    .map(({ address, density = 1, width }) => ({ address, density: width === undefined ? density : width / slot }))
    .sort((a, b) => a.density - b.density);
  return chosen.find(({ density }) => density >= screenDensity) ?? chosen.at(-1);
}

/** The pictures of a `srcset`. Those with descriptors that are none are left out. */
function candidatesOf(srcset: string): Candidate[] {
  // An address holds no white space, and ends with no comma.
  return [...srcset.matchAll(/[\s,]*(\S*[^\s,])(?:\s+([^,\s]+))?\s*(?:,|$)/g)].flatMap(
    ([, address, descriptor = "1x"]) => {
      const [, value, unit] = /^(\d*\.?\d+)([xw])$/.exec(descriptor) ?? [];
      if (!(Number(value) > 0)) return [];
      return [{ address, ...(unit === "w" ? { width: Number(value) } : { density: Number(value) }) }];
    },
  );
}

/** The length that the first matching condition of `sizes` gives; the width of the window where none does. */
function slotWidth(sizes: string, widthOf: (length: string) => number): number {
  for (const entry of sizes.split(/,(?![^(]*\))/)) {
    const [, condition, length] = /^\s*(.*?)\s*([\w.%-]+|[\w-]+\((?:[^()]|\([^()]*\))*\))\s*$/.exec(entry) ?? [];
    if (!length || length === "auto" || (condition && !matchMedia(condition).matches)) continue;
    const width = widthOf(length);
    if (width > 0) return width;
  }
  return widthOf("100vw");
}
