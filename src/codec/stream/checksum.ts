import { crc16, crc32 } from "../../ground/crc.js";

/** The last bytes of a stream, lowest byte first: docs/FORMAT.md, "Container". */

const shortChecksum = 2;

/** How many bytes of a stream of `length` are its checksum. */
export const checksumBytes = (length: number): number => (length < 1024 ? shortChecksum : 4);

/** The same for a stream that has all but its checksum. */
export const checksumBytesBehind = (length: number): number => checksumBytes(length + shortChecksum);

function checksumOf(stream: Uint8Array): number[] {
  const count = checksumBytes(stream.length);
  const body = stream.subarray(0, -count);
  const sum = count === shortChecksum ? crc16(body) : crc32(body);
  return Array.from({ length: count }, (_, i) => (sum >>> (8 * i)) & 255);
}

/** Writes the checksum into the last bytes of a stream, which it returns. */
export function writeChecksum<Stream extends Uint8Array>(stream: Stream): Stream {
  stream.set(checksumOf(stream), stream.length - checksumBytes(stream.length));
  return stream;
}

export const hasRightChecksum = (stream: Uint8Array): boolean =>
  checksumOf(stream).every((byte, i, { length }) => stream[stream.length - length + i] === byte);
