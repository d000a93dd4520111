import { expected } from "../ground/errors.js";
import type { IsthmusPluginOptions } from "./plugin.js";

/** What an import asks for: a file, and what differs from the plugin's settings. */
export interface PictureImport {
  readonly file: string;
  readonly settings: Pick<IsthmusPluginOptions, "quality" | "effort" | "widths" | "fallback">;
}

const wholeNumber = (name: string, value: string, low: number, high: number): number => {
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= low && number <= high) return number;
  throw expected(`an integer between ${low} and ${high}`, `${name} of an import`, value);
};
const fallbacks: readonly string[] = ["avif", "webp", "jpeg", "none"];

const readers: Readonly<Record<string, (value: string) => PictureImport["settings"]>> = {
  quality: (value) => ({ quality: { isth: wholeNumber("quality", value, 0, 100) } }),
  effort: (value) => ({ effort: wholeNumber("effort", value, 0, 9) }),
  widths: (value) => ({ widths: value.split(",").map((width) => wholeNumber("widths", width, 1, 65536)) }),
  fallback: (value) => {
    if (!fallbacks.includes(value)) throw expected(`one of ${fallbacks.join(", ")}`, "fallback of an import", value);
    return { fallback: value as "avif" };
  },
};
/** What Vite itself adds to addresses. */
const ofVite = ["isth", "import", "t", "v"];

/** The import that an id asks for; undefined for one that is not of this kind. Throws `invalid-parameter`. */
export function pictureImport(id: string): PictureImport | undefined {
  const end = id.indexOf("?");
  const query = new URLSearchParams(end < 0 ? "" : id.slice(end));
  if (!query.has("isth")) return undefined;
  let settings: PictureImport["settings"] = {};
  for (const [name, value] of query) {
    if (ofVite.includes(name)) continue;
    const read = readers[name];
    if (!read) throw expected(`one of ${Object.keys(readers).join(", ")}`, "a setting of an import", name);
    settings = { ...settings, ...read(value) };
  }
  return { file: id.slice(0, end), settings };
}
