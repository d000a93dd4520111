import { createDecoder } from "../../src/codec/create-decoder.js";
import { inspect, streamMetadata } from "../../src/codec/inspect.js";
import { unpackFrames } from "../../src/exchange/frames.js";
import { createReceiver } from "../../src/exchange/receiver.js";
import { receiveScene } from "../../src/exchange/scene-receiver.js";
import { crc32 } from "../../src/ground/crc.js";
import type { ErrorCode } from "../../src/ground/errors.js";
import { Model } from "../../src/models/model.js";
import { parentModels } from "../../src/models/parents.js";
import { ReceiverModel } from "../../src/models/receiver-model.js";
import { averageColor, decodePreview, previewToDataURL } from "../../src/preview/decode-preview.js";
import { loadPreviewModel } from "../../src/preview/preview-model.js";
import { decodeBareFrame } from "../reference/decoder/decode.js";
import { unlessRefused } from "../reference/decoder/refused.js";
import { checkImage, checkSame, decodeChecked, demand, type Target } from "./checks.js";
import { commandOn } from "./command-line.js";
import { anyModel, anyStream, forge, inPieces, mutateText, streamsOf } from "./inputs.js";
import { mutateBytes } from "./mutate-bytes.js";
import { mutateDifference } from "./mutate-difference.js";
import { mutateModel } from "./mutate-model.js";
import { mutateStream, varint, writeStream } from "./mutate-stream.js";

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

/** The ways in. What an input of a seed is depends on their order and weights. */
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
