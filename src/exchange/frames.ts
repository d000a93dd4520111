import { type Bytes, bytesIn } from "../ground/byte-source.js";
import { concatenate } from "../ground/bytes.js";
import { expected, IsthmusError, unlessAborted } from "../ground/errors.js";
import { limitOf } from "../ground/limits.js";
import { anything, aSignal, checkFewOptions } from "../ground/option-table.js";
import { Pacer } from "../ground/pacer.js";
import { readVarint, varintBytes } from "../ground/varint.js";

/** Anything that is read one after another: an array, a generator, a web stream. */
export type Sequence<Item> = Iterable<Item> | AsyncIterable<Item> | ReadableStream<Item>;

export interface UnpackOptions {
  /** Refuse longer frames before their bytes are awaited. Default 2^26. */
  readonly maxFrameBytes?: number;
  /** Ends the reading with the error `aborted`, and closes the source. */
  readonly signal?: AbortSignal | undefined;
}

const mostLengthBytes = 5;

/**
 * Frames as one stream of bytes, for the body of a request or a response: each is preceded by its length (docs/FORMAT.md, "Sequences of
 * frames"). A frame is asked for when the reader has taken the one before; cancelling the stream closes the source.
 */
export function packFrames(frames: Sequence<Bytes>): ReadableStream<Uint8Array> {
  const source = itemsOf(frames);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { value, done } = await source.next();
        if (done) return controller.close();
        const frame = bytesIn(value, "frames");
        controller.enqueue(concatenate([varintBytes(frame.length), frame]));
      },
      async cancel() {
        await source.return();
      },
    },
    { highWaterMark: 0 },
  );
}

/**
 * The frames of a stream of bytes, however it was cut on its way, in time that is linear in the bytes. Reads no further than the frame that is asked for, and
 * holds no more than that frame and the piece at hand, whatever length a frame claims.
 * @throws IsthmusError `truncated` where the stream ends inside a frame, `corrupt` for a length over `maxFrameBytes`, or `aborted`
 */
export async function* unpackFrames(
  bytes: Sequence<Bytes>,
  options: UnpackOptions = {},
): AsyncGenerator<Uint8Array, void, void> {
  checkFewOptions(options, { maxFrameBytes: anything, signal: aSignal }, "unpackFrames");
  const maxFrameBytes = limitOf("maxFrameBytes", options.maxFrameBytes);
  const pacer = new Pacer({ signal: options.signal });
  const pieces = itemsOf(bytes, options.signal);
  let piece: Uint8Array = new Uint8Array(0);
  let at = 0;
  /** False at the end of the stream, which may only be where a frame ends. */
  const more = async (): Promise<boolean> => {
    while (at === piece.length) {
      const { value, done } = await pieces.next();
      if (done) return false;
      piece = bytesIn(value, "frames");
      at = 0;
      if (pacer.isDue) await pacer.breathe();
    }
    return true;
  };
  try {
    for (;;) {
      const head: number[] = [];
      do {
        if (at === piece.length && !(await more())) {
          if (head.length === 0) return;
          throw cutOff();
        }
        head.push(piece[at++]);
      } while (head[head.length - 1] > 127 && head.length < mostLengthBytes);
      const { value: length } = readVarint(Uint8Array.from(head), 0, "the length of a frame");
      if (length > maxFrameBytes) {
        throw new IsthmusError("corrupt", `Expected at most ${maxFrameBytes} bytes for a frame but received ${length}`);
      }
      let frame = new Uint8Array(Math.min(length, piece.length - at));
      for (let filled = 0; filled < length; ) {
        if (at === piece.length && !(await more())) throw cutOff();
        const part = piece.subarray(at, at + length - filled);
        const end = filled + part.length;
        // Room for what has arrived, and as much again.
        if (end > frame.length) frame = extended(frame, filled, Math.min(length, 2 * end));
        frame.set(part, filled);
        at += part.length;
        filled = end;
      }
      yield frame;
      if (pacer.isDue) await pacer.breathe();
    }
  } finally {
    await pieces.return();
  }
}

function extended(bytes: Uint8Array, filled: number, length: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(length);
  larger.set(bytes.subarray(0, filled));
  return larger;
}

/**
 * The items of a sequence; web streams are read by their reader, since not every browser can iterate over them. Whoever stops early closes the source; when the
 * signal is raised, one that is stuck is told to close, and not waited for.
 */
export async function* itemsOf<Item>(sequence: Sequence<Item>, signal?: AbortSignal): AsyncGenerator<Item, void, void> {
  const source = sourceOf(sequence);
  let isOpen = true;
  try {
    for (;;) {
      const { value, done } = await unlessAborted(source.next(), signal).catch((error) => {
        isOpen = signal?.aborted ?? false;
        throw error;
      });
      isOpen = !done;
      if (done) return;
      yield value;
    }
  } finally {
    const closing = isOpen ? source.close() : undefined;
    if (signal?.aborted) closing?.catch(() => {});
    else await closing;
  }
}

interface Source<Item> {
  next(): Promise<IteratorResult<Item, void>>;
  close(): Promise<unknown>;
}

function sourceOf<Item>(sequence: Sequence<Item>): Source<Item> {
  const isSequence = typeof sequence === "object" && sequence !== null;
  if (isSequence && "getReader" in sequence) {
    const reader = sequence.getReader();
    const next = async (): Promise<IteratorResult<Item, void>> => {
      const { value, done } = await reader.read();
      if (!done) return { value, done };
      reader.releaseLock();
      return { value: undefined, done };
    };
    return { next, close: () => reader.cancel().finally(() => reader.releaseLock()) };
  }
  if (!isSequence || !(Symbol.iterator in sequence || Symbol.asyncIterator in sequence)) {
    throw expected("an array, a generator or a stream", "a sequence", sequence);
  }
  const iterator = Symbol.asyncIterator in sequence ? sequence[Symbol.asyncIterator]() : sequence[Symbol.iterator]();
  return { next: async () => iterator.next(), close: async () => iterator.return?.() };
}

const cutOff = (): IsthmusError => new IsthmusError("truncated", "The stream of frames ends inside a frame");
