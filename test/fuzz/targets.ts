import { createDecoder } from "../../src/codec/create-decoder.js";
import { inspect, streamMetadata } from "../../src/codec/inspect.js";
import { unpackFrames } from "../../src/exchange/frames.js";
import { createReceiver } from "../../src/exchange/receiver.js";
import { receiveScene } from "../../src/exchange/scene-receiver.js";
import { crc32 } from "../../src/ground/crc32.js";
import { type ErrorCode, IsthmusError } from "../../src/ground/errors.js";
import type { DecodedImage } from "../../src/image/image.js";
import { Model } from "../../src/models/model.js";
import { parentModels } from "../../src/models/parents.js";
import { ReceiverModel } from "../../src/models/receiver-model.js";
import { averageColor, decodePreview, previewToDataURL } from "../../src/preview/decode-preview.js";
import { loadPreviewModel } from "../../src/preview/preview-model.js";
import { decodeBareFrame, decodeStream } from "../reference/decoder/decode.js";
import { gridOf, qualityOf } from "../reference/decoder/grid.js";
import { staticTables } from "../reference/decoder/prior.js";
import { unlessRefused } from "../reference/decoder/refused.js";
import { sealOf } from "../reference/decoder/symbol-reader.js";
import * as rans from "../reference/rans.js";
import { commandOn } from "./command-line.js";
import type { Dice } from "./dice.js";
import { mutateBytes } from "./mutate-bytes.js";
import { mutateCoded } from "./mutate-coded.js";
import { mutateDifference } from "./mutate-difference.js";
import { mutateModel } from "./mutate-model.js";
import { mutateStream, type StreamFields, varint, writeStream } from "./mutate-stream.js";
import type { Subject, Subjects } from "./subjects.js";

/** One way in for bytes from outside. */
export interface Target {
  readonly name: string;
  /** Its share of the inputs, beside the others'. */
  readonly weight: number;
  /** Codes that its documentation allows. */
  readonly codes: readonly ErrorCode[];
  /** Makes an input and what is done with it. */
  readonly make: (subjects: Subjects, dice: Dice) => Trial;
}

export interface Trial {
  readonly input: Uint8Array | string;
  readonly run: () => unknown;
}

/** Thrown where bytes were taken that should not have been, or gave something else than they should. */
export class Wrong extends Error {}

const demand = (condition: boolean, otherwise: string): void => {
  if (!condition) throw new Wrong(otherwise);
};

const streamCodes: readonly ErrorCode[] = [
  "not-isthmus",
  "unsupported-version",
  "truncated",
  "corrupt",
  "image-too-large",
  "model-mismatch",
];
const modelCodes: readonly ErrorCode[] = [
  "not-isthmus",
  "unsupported-version",
  "truncated",
  "corrupt",
  "invalid-model",
];

const maxPixels = 1 << 14;
/** Share of inputs that the second decoder, which is slow, decodes too. */
const compared = 0.001;

const streamsOf = ({ coders }: Subjects, dice: Dice): { coder: Subject; fields: StreamFields } => {
  const coder = dice.pick(coders);
  return { coder, fields: dice.pick(coder.streams) };
};

const donorOf = (subjects: Subjects, coder: Subject, dice: Dice): StreamFields =>
  dice.pick(dice.chance(0.5) ? coder.streams : dice.pick(subjects.coders).streams);

function checkImage({ width, height, channels, data }: DecodedImage, most: number): void {
  demand(width * height <= most, `${width} x ${height} pixels where ${most} are allowed`);
  demand([1, 2, 3, 4].includes(channels), `${channels} channels`);
  demand(data.length === width * height * channels, `${data.length} samples for ${width} x ${height} x ${channels}`);
}

/** The image of a stream; where `twice`, the second decoder must agree. */
async function decodeChecked(
  { decoder, reference }: Pick<Subject, "decoder" | "reference">,
  input: Uint8Array,
  most: number,
  twice: boolean,
) {
  const again = twice ? unlessRefused(() => decodeStream(reference, input)) : undefined;
  let image: DecodedImage;
  try {
    image = await decoder.decode(input, { maxPixels: most });
  } catch (error) {
    // The second decoder has no limits of its own.
    const tooLarge = error instanceof IsthmusError && error.code === "image-too-large";
    demand(tooLarge || again === undefined, `the second decoder takes what the first refuses (${error})`);
    throw error;
  }
  checkImage(image, most);
  if (twice) checkSame(image, again);
}

function checkSame(
  image: DecodedImage,
  again: { width: number; channels: number; data: Uint8Array } | undefined,
): void {
  demand(again !== undefined, "the second decoder refuses what the first takes");
  const { width, channels, data } = again!;
  demand(width === image.width && channels === image.channels, "the second decoder gives another shape");
  demand(Buffer.compare(data, image.data) === 0, "the second decoder gives other pixels");
}

const anyStream = (subjects: Subjects, dice: Dice) => {
  const { coder, fields } = streamsOf(subjects, dice);
  const donor = donorOf(subjects, coder, dice);
  const mutated = dice.chance(0.8)
    ? mutateStream(fields, dice, { ...donor, model: fields.model })
    : mutateBytes(writeStream(fields), dice, writeStream(donor));
  return { coder, input: mutated };
};

const anyModel = (subjects: Subjects, dice: Dice) => {
  // Small files more often: they take less time and have as many ways to be wrong.
  const coder = dice.pick(dice.chance(0.8) ? subjects.smallest : subjects.coders);
  if (dice.chance(0.2)) return { coder, input: mutateCoded(coder.file, dice) };
  const file = dice.chance(0.9) ? coder.file : subjects.previewFile;
  const input = mutateModel(file, dice, dice.pick(subjects.coders).file);
  return { coder, input: dice.chance(0.1) ? mutateBytes(input, dice) : input };
};

const inPieces = (bytes: Uint8Array, dice: Dice): Uint8Array[] => {
  const pieces: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = start + dice.below(1 + dice.length(2 * bytes.length));
    pieces.push(bytes.subarray(start, end));
    start = end;
  }
  return pieces;
};

export const targets: readonly Target[] = [
  {
    name: "decode",
    weight: 50,
    codes: streamCodes,
    make(subjects, dice) {
      const { coder, input } = anyStream(subjects, dice);
      const twice = dice.chance(compared);
      const most = dice.chance(0.005) ? 1 << 20 : maxPixels;
      return { input, run: () => decodeChecked(coder, input, most, twice && most === maxPixels) };
    },
  },
  {
    name: "decode of any symbols",
    weight: 0.5,
    codes: streamCodes,
    make(subjects, dice) {
      const coder = dice.pick(subjects.coders.filter(({ model }) => model.configuration.prior.kind === "static"));
      const input = forge(coder, dice.pick(coder.streams), dice);
      return { input, run: () => decodeChecked(coder, input, maxPixels, dice.chance(0.1)) };
    },
  },
  {
    name: "decode of a bare frame",
    weight: 12,
    codes: ["truncated", "corrupt", "invalid-parameter", "unsupported-version"],
    make(subjects, dice) {
      const coder = dice.pick(subjects.coders.filter(({ bare }) => bare.length > 0));
      const { frame, shape } = dice.pick(coder.bare);
      const bare = dice.chance(0.8) ? shape : { width: dice.below(70), height: dice.below(70), grey: dice.chance(0.5) };
      const input = mutateBytes(frame, dice, dice.pick(coder.bare).frame);
      const twice = dice.chance(compared);
      return {
        input,
        async run() {
          const image = await coder.decoder.decode(input, { bare, maxPixels });
          checkImage(image, maxPixels);
          if (twice)
            checkSame(
              image,
              unlessRefused(() => decodeBareFrame(coder.reference, input, bare)),
            );
        },
      };
    },
  },
  {
    name: "loadModel",
    weight: 4,
    codes: modelCodes,
    make(subjects, dice) {
      const { input } = anyModel(subjects, dice);
      return { input, run: () => Model.read(input) };
    },
  },
  {
    name: "models as differences",
    weight: 2,
    codes: [...modelCodes, "model-missing", "model-mismatch", "model-unsuited"],
    make(subjects, dice) {
      const { model } = dice.pick(subjects.smallest);
      const input = mutateDifference(model, dice);
      const parent = dice.pick([
        () => model,
        () => model,
        () => model.bytes,
        () => input,
        () => model.receiver(),
        () => dice.pick(subjects.coders).model,
        () => undefined,
      ])();
      const isAtOnce = dice.chance(0.5);
      return {
        input,
        async run() {
          if (isAtOnce) Model.read(input, { parents: parent === undefined ? [] : [parent] });
          else await ReceiverModel.open(input, { parents: parentModels(() => parent) });
        },
      };
    },
  },
  {
    name: "decode with a changed model",
    weight: 0.5,
    codes: [...modelCodes, ...streamCodes, "model-unsuited"],
    make(subjects, dice) {
      const { coder, input } = anyModel(subjects, dice);
      const fields = dice.pick(coder.streams);
      const mutated = dice.chance(0.5);
      return {
        input,
        async run() {
          const model = Model.read(input);
          const id = new Uint8Array(Buffer.from(model.id, "hex"));
          const own = { ...fields, model: id };
          const decoder = await createDecoder(input);
          checkImage(
            await decoder.decode(mutated ? mutateStream(own, dice, own) : writeStream(own), { maxPixels }),
            maxPixels,
          );
        },
      };
    },
  },
  {
    name: "inspect",
    weight: 14,
    codes: [...new Set([...streamCodes, ...modelCodes])],
    make(subjects, dice) {
      const { input } = dice.chance(0.8) ? anyStream(subjects, dice) : anyModel(subjects, dice);
      return {
        input,
        run() {
          const report = inspect(input);
          JSON.stringify(report);
          if (report.kind === "stream") streamMetadata(input);
        },
      };
    },
  },
  {
    name: "previews",
    weight: 14,
    codes: ["corrupt", "model-mismatch"],
    make({ previewModel }, dice) {
      const frame = dice.bytes(dice.chance(0.9) ? 8 + dice.below(57) : dice.below(80));
      const text = mutateText(Buffer.from(frame).toString("base64url"), dice);
      const input = dice.chance(0.6) ? frame : text;
      const options = dice.chance(0.5) ? {} : { model: previewModel };
      const size = 1 + dice.below(8);
      return {
        input,
        run() {
          checkImage(decodePreview(input, { size, ...options }), 64);
          if (dice.chance(0.05)) previewToDataURL(input, { size, ...options });
          const { red, green, blue, alpha } = averageColor(input, options);
          demand(
            [red, green, blue, alpha].every((value) => value >= 0 && value <= 255),
            "a colour beyond 0 .. 255",
          );
        },
      };
    },
  },
  {
    name: "loadPreviewModel",
    weight: 1,
    codes: modelCodes,
    make({ previewFile, coders }, dice) {
      const input = mutateModel(previewFile, dice, dice.pick(coders).file);
      const frame = dice.bytes(8 + dice.below(57));
      return {
        input,
        run() {
          checkImage(decodePreview(frame, { size: 4, model: loadPreviewModel(input) }), 16);
        },
      };
    },
  },
  {
    name: "unpackFrames",
    weight: 6,
    codes: ["truncated", "corrupt"],
    make(subjects, dice) {
      const frames = Array.from({ length: dice.below(4) }, () => writeStream(streamsOf(subjects, dice).fields));
      const packed = new Uint8Array(Buffer.concat(frames.flatMap((frame) => [varint(frame.length), frame])));
      const input = mutateBytes(packed, dice);
      const pieces = inPieces(input, dice);
      return {
        input,
        async run() {
          let bytes = 0;
          for await (const frame of unpackFrames(pieces, { maxFrameBytes: 1 << 16 })) bytes += frame.length;
          demand(bytes <= input.length, "more bytes than came in");
        },
      };
    },
  },
  {
    name: "command line",
    weight: 0.05,
    codes: [],
    make(subjects, dice) {
      const stream = anyStream(subjects, dice).input;
      const { input, run } = commandOn(subjects, dice, stream, anyModel(subjects, dice).input);
      return {
        input,
        async run() {
          const problem = await run();
          demand(problem === undefined, String(problem));
        },
      };
    },
  },
  {
    name: "checkpoint",
    weight: 0.5,
    codes: modelCodes,
    make({ checkpoint, coders }, dice) {
      const input = mutateModel(checkpoint.file, dice, dice.pick(coders).file);
      return { input, run: () => checkpoint.restore(input) };
    },
  },
  {
    name: "frames of a scene",
    weight: 3,
    codes: [...streamCodes, "model-missing", "reference-missing"],
    make({ scenes }, dice) {
      const { receiver, frames } = dice.pick(scenes);
      const place = dice.below(frames.length);
      const input = mutateBytes(frames[place], dice, dice.pick(dice.pick(scenes).frames));
      // Behind a right checksum most of the time.
      if (input.length > 4 && dice.chance(0.8)) {
        new DataView(input.buffer, input.byteOffset).setUint32(input.length - 4, crc32(input.subarray(0, -4)), true);
      }
      return {
        input,
        async run() {
          const scene = receiveScene(receiver, { maxPixels });
          for (const frame of frames.slice(0, place)) await scene.decode(frame);
          const image = await scene.decode(input);
          if (image) checkImage(image, maxPixels);
        },
      };
    },
  },
  {
    name: "receiver",
    weight: 0.3,
    codes: [...new Set<ErrorCode>([...streamCodes, ...modelCodes, "model-missing", "model-unsuited"])],
    make(subjects, dice) {
      const { coder, input } = anyStream(subjects, dice);
      const other = dice.pick(subjects.coders).model;
      const found = dice.pick([
        () => coder.model,
        () => coder.model.bytes,
        () => other,
        () => anyModel(subjects, dice).input,
        () => undefined,
      ])();
      return {
        input,
        async run() {
          const receiver = createReceiver({ resolveModel: () => found });
          checkImage(await receiver.decode(input, { maxPixels }), maxPixels);
        },
      };
    },
  },
];

function mutateText(text: string, dice: Dice): string {
  const i = dice.below(text.length + 1);
  return dice.pick([
    () => text,
    () => text.slice(0, i),
    () => text.slice(0, i) + dice.pick(["=", "+", "/", " ", "\n", ".", "\u00e9", "\ud800", "A", "%00"]) + text.slice(i),
    () => `${dice.pick(["", "abcd", "rNd2", "...", "a b c"])}.${text}`,
  ])();
}

/** A stream of symbols that no picture has, sealed as it should be. */
function forge(coder: Subject, fields: StreamFields, dice: Dice): Uint8Array {
  const { reference } = coder;
  const { fixedSize, patch } = reference.configuration;
  const size = fixedSize ? patch : { width: 1 + dice.below(40), height: 1 + dice.below(40) };
  const quality = dice.below(256);
  const grid = gridOf(reference, size, undefined);
  const tables = staticTables(qualityOf(reference, quality));
  const spread = dice.pick([1, 3, 20, 400, 32767]);
  const index = Array.from({ length: grid.columns * grid.rows }, () => tables).flat();
  const symbols = index.map(() => Math.round((dice.next() * 2 - 1) ** 3 * spread));
  const body = Uint8Array.from(rans.encode(reference.tables, symbols, index, sealOf(symbols)));
  return writeStream({
    ...fields,
    ...size,
    quality,
    payload: 0,
    third: false,
    metadata: undefined,
    alpha: undefined,
    places: undefined,
    body,
  });
}
