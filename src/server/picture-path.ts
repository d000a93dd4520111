import { extname } from "node:path";
import { imageExtensions } from "../node/find-files.js";

const mostCharacters = 1024;
// biome-ignore lint/suspicious/noControlCharactersInRegex: names with control characters are what is looked for
const forbidden = /[\\/\u0000-\u001f\u007f]/;
/** Drives and streams of files, and endings that Windows drops from names. */
const forbiddenOnWindows = /:|[. ]$/;

/**
 * The path of a picture below its folder that the path of an address names, without a slash at its start. Undefined for what names none: other extensions,
 * hidden files, steps upwards however they are escaped, and characters that file systems take for something else.
 */
export function picturePath(address: string, platform = process.platform): string | undefined {
  if (address.length > mostCharacters) return undefined;
  let names: string[];
  try {
    names = address.split("/").map(decodeURIComponent);
  } catch {
    return undefined;
  }
  const isName = (name: string): boolean =>
    name !== "" &&
    !name.startsWith(".") &&
    !forbidden.test(name) &&
    !(platform === "win32" && forbiddenOnWindows.test(name));
  return names.every(isName) && isPicture(names[names.length - 1]) ? names.join("/") : undefined;
}

const isPicture = (name: string): boolean => imageExtensions.includes(extname(name).toLowerCase());
