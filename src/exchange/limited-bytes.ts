import { longestHead } from "../codec/stream/container.js";
import { type ByteSource, readBytes } from "../ground/byte-source.js";
import { concatenate } from "../ground/bytes.js";
import { isA } from "../ground/is-a.js";
import { itemsOf } from "./frames.js";

/**
 * The bytes of a source, at most so many unless they are in memory already. An answer is read as far as that allows, whatever it says of its length, and closed when the signal is raised. Throws
 * `tooLong`, an Error that says what is wrong, or as `readBytes`.
 * @param onHead given the first bytes of an answer as soon as a stream's head is among them; what it throws ends the reading
 */
export async function limitedBytes(
  given: ByteSource,
  most: number,
  name: string,
  signal: AbortSignal | undefined,
  tooLong = (): Error => new Error(`there are more than ${most} bytes`),
  onHead?: (bytes: Uint8Array) => void,
): Promise<Uint8Array> {
  const source = await given;
  const { ok, status, statusText, body } = source as Response;
  if (isA(source, "Blob", "File") && (source as Blob).size > most) throw tooLong();
  if (!isA(source, "Response") || !ok || !body) {
    body?.cancel?.().catch(() => {});
    if (ok === false) throw new Error(`the answer was ${status} ${statusText}`.trim());
    return readBytes(source, name);
  }
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of itemsOf(body, signal)) {
    length += piece.length;
    if (length > most) throw tooLong();
    pieces.push(piece);
    if (length < longestHead) continue;
    onHead?.(concatenate(pieces));
    onHead = undefined;
  }
  return concatenate(pieces);
}
