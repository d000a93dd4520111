/** What is asked, in whatever form it came. */
export interface Ask {
  readonly method: string;
  /** Escaped, as the address has it, without its query. */
  readonly path: string;
  /** With its question mark; empty where there is none. */
  readonly search: string;
  /** A header, by its name in small letters. */
  readonly header: (name: string) => string | null | undefined;
}

/** What is answered. Headers are there for HEAD as for GET; the body is not. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** A file to send. */
export interface Content {
  readonly bytes: Uint8Array;
  /** A strong validator: the same for the same bytes only. */
  readonly tag: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A refusal in one sentence, which no cache keeps. */
export function refusal(status: number, sentence: string, headers: Readonly<Record<string, string>> = {}): Answer {
  const body = new TextEncoder().encode(`${sentence}\n`);
  const own = { "content-type": "text/plain; charset=utf-8", "content-length": `${body.length}` };
  return {
    status,
    headers: { ...own, "cache-control": "no-store", "x-content-type-options": "nosniff", ...headers },
    body,
  };
}

/** The file, the part of it that is asked for, or word that the client has it (RFC 9110, 13 and 14). */
export function contentAnswer({ method, header }: Ask, { bytes, tag, headers: given }: Content): Answer {
  const headers = { ...given, etag: tag, "accept-ranges": "bytes", "x-content-type-options": "nosniff" };
  const known = header("if-none-match");
  if (known && isNamed(tag, known)) {
    const { "content-type": _, ...others } = headers as Record<string, string>;
    return { status: 304, headers: others };
  }
  const condition = header("if-range");
  const asked = method === "GET" && (!condition || condition === tag) ? header("range") : undefined;
  const range = asked ? rangeOf(asked, bytes.length) : undefined;
  if (range === "none") {
    return refusal(416, "There is nothing in that range", { "content-range": `bytes */${bytes.length}` });
  }
  const body = range ? bytes.subarray(range.start, range.end) : bytes;
  const length = { "content-length": `${body.length}` };
  const place = range && { "content-range": `bytes ${range.start}-${range.end - 1}/${bytes.length}` };
  return {
    status: range ? 206 : 200,
    headers: { ...headers, ...length, ...place },
    ...(method !== "HEAD" && { body }),
  };
}

/** Comparison is weak: caches on the way may have made the tag so. */
const isNamed = (tag: string, list: string): boolean =>
  list.trim() === "*" || list.split(",").some((entry) => entry.trim().replace(/^W\//, "") === tag);

/** The one range that a header asks for. Several at once, and what is no range of bytes, stand for the whole file. */
function rangeOf(header: string, length: number): { start: number; end: number } | "none" | undefined {
  const [, first, last] = /^\s*bytes\s*=\s*(\d{0,15})\s*-\s*(\d{0,15})\s*$/i.exec(header) ?? [];
  if (first === undefined || (first === "" && last === "")) return undefined;
  if (first === "")
    return last === "0" || Number(last) === 0 ? "none" : { start: Math.max(0, length - Number(last)), end: length };
  const [start, end] = [Number(first), last === "" ? length : Math.min(length, Number(last) + 1)];
  if (last !== "" && Number(last) < start) return undefined;
  return start >= length ? "none" : { start, end };
}
