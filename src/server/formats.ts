/** The kinds of file that pictures are sent as. */
export type ServedFormat = "isth" | "avif" | "webp" | "jpeg" | "png" | "gif";

export const typeOf: Readonly<Record<ServedFormat, string>> = {
  isth: "image/x-isthmus",
  avif: "image/avif",
  webp: "image/webp",
  jpeg: "image/jpeg",
  png: "image/png",
  gif: "image/gif",
};

/** What is looked at of a header that anybody may write: browsers name some ten types. */
const mostRanges = 64;
const mostCharacters = 4096;

/**
 * The format that a client takes best (RFC 9110, 12.5.1): of those with the highest weight the first. Those of `named` count only where the header names
 * them: a client that takes anything need not know them. `otherwise` is what every client knows, and what is left where the header allows nothing.
 */
export function chooseFormat(
  accept: string | null | undefined,
  named: readonly ServedFormat[],
  otherwise: ServedFormat,
): ServedFormat {
  const weights = weightsOf(accept || "*/*");
  const weightOf = (format: ServedFormat): number => weights.get(typeOf[format]) ?? 0;
  let best = otherwise;
  let most = weights.get(typeOf[otherwise]) ?? weights.get("image/*") ?? weights.get("*/*") ?? 0;
  for (const format of named.toReversed()) {
    const weight = weightOf(format);
    if (weight > 0 && weight >= most) [best, most] = [format, weight];
  }
  return best;
}

function weightsOf(accept: string): Map<string, number> {
  const weights = new Map<string, number>();
  for (const range of accept.slice(0, mostCharacters).split(",", mostRanges)) {
    const [type, ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith("q="));
    const value = weight === undefined ? 1 : Number(weight.slice(2) || Number.NaN);
    // What is no weight says nothing of its type.
    if (value >= 0 && value <= 1) weights.set(type, value);
  }
  return weights;
}
