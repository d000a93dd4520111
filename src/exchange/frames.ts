import { concatenate } from "../bytes.js";
import { readVarint, varintBytes } from "../codec/varint.js";
import { expected, IsthmusError } from "../errors.js";
import { limitOf, limits } from "../limits.js";

/** Anything that is read one after another: an array, a generator, a web stream. */
export type Sequence<Item> = Iterable<Item> | AsyncIterable<Item> | ReadableStream<Item>;

export interface UnpackOptions {
  /** Refuse longer frames before their bytes are awaited. Default 2^26. */
  readonly maxFrameBytes?: number;
}

const mostLengthBytes = 5;

/**
 * Frames as one stream of bytes, for the body of a request or a response: each is preceded by its length (docs/FORMAT.md, "Sequences of
 * frames"). A frame is asked for when the reader has taken the one before; cancelling the stream closes the source.
 */
export function packFrames(frames: Sequence<Uint8Array>): ReadableStream<Uint8Array> {
  const source = itemsOf(frames);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { value, done } = await source.next();
        if (done) controller.close();
        else controller.enqueue(concatenate([varintBytes(value.length), value]));
      },
      async cancel() {
        await source.return();
      },
    },
    { highWaterMark: 0 },
  );
}

/**
 * The frames of a stream of bytes, however it was cut on its way. Reads no further than the frame that is asked for.
 * @throws IsthmusError `truncated` where the stream ends inside a frame, `corrupt` for a length over `maxFrameBytes`
 */
export async function* unpackFrames(
  bytes: Sequence<Uint8Array>,
  options: UnpackOptions = {},
): AsyncGenerator<Uint8Array, void, void> {
  const maxFrameBytes = limitOf("maxFrameBytes", options.maxFrameBytes, limits.maxFrameBytes);
  const pieces = itemsOf(bytes);
  let held = new Uint8Array(0);
  /** False at the end of the stream, which may only be where a frame ends. */
  const more = async (missing: number): Promise<boolean> => {
    const gathered: Uint8Array[] = [held];
    for (let got = 0; got < missing; ) {
      const { value, done } = await pieces.next();
      if (done) return false;
      if (!(value instanceof Uint8Array)) throw expected("pieces of Uint8Array", "frames", value);
      gathered.push(value);
      got += value.length;
    }
    held = concatenate(gathered);
    return true;
  };
  try {
    for (;;) {
      while (!startsWithLength(held)) {
        if (await more(1)) continue;
        if (held.length === 0) return;
        throw cutOff();
      }
      const { value: length, end } = readVarint(held, 0, "the length of a frame");
      if (length > maxFrameBytes) {
        throw new IsthmusError("corrupt", `Expected at most ${maxFrameBytes} bytes for a frame but received ${length}`);
      }
      if (!(await more(end + length - held.length))) throw cutOff();
      yield held.slice(end, end + length);
      held = held.slice(end + length);
    }
  } finally {
    await pieces.return();
  }
}

/** The items of a sequence; web streams are read by their reader, since not every browser can iterate over them. */
export async function* itemsOf<Item>(sequence: Sequence<Item>): AsyncGenerator<Item, void, void> {
  if (!("getReader" in sequence)) return yield* sequence;
  const reader = sequence.getReader();
  let ended = false;
  try {
    for (;;) {
      const { value, done } = await reader.read();
      ended = done;
      if (done) return;
      yield value;
    }
  } finally {
    if (!ended) await reader.cancel();
    reader.releaseLock();
  }
}

const startsWithLength = (held: Uint8Array): boolean =>
  held.length >= mostLengthBytes || held.some((byte) => byte < 128);

const cutOff = (): IsthmusError => new IsthmusError("truncated", "The stream of frames ends inside a frame");
