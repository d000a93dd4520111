import type { Codec } from "../codec/codec.js";
import { type EncodedCells, SceneEncoder } from "../codec/scenes/scene-encoder.js";
import { writeContainer } from "../codec/stream/container.js";
import { levelOf, percentOfLevel, usualQuality } from "../codec/stream/quality.js";
import type { Bytes } from "../ground/byte-source.js";
import { bytesIn } from "../ground/byte-source.js";
import { bytesOfHex } from "../ground/bytes.js";
import { expected, IsthmusError, shortageOr } from "../ground/errors.js";
import { limitOf } from "../ground/limits.js";
import { aFunction, aNumber, anything, aSignal, checkOptions, type OptionTable } from "../ground/option-table.js";
import { Pacer } from "../ground/pacer.js";
import { splitAlpha } from "../image/alpha.js";
import { convertColour, isGrey } from "../image/channels.js";
import { copyImage, type DecodedImage, type Image } from "../image/image.js";
import { ByteBucket } from "./byte-bucket.js";
import { SentPixels } from "./changed-cells.js";
import { LevelControl } from "./level-control.js";
import { checksumOf, readKeyRequest, writeSceneFrame } from "./scene-frame.js";
import type { Sender } from "./sender.js";

export interface SendSceneOptions {
  /** 0 .. 100, the highest that cells are sent at. Default 75. */
  readonly quality?: number;
  /** Bytes that may be sent a second. Quality goes down, and frames are dropped, where they would be more. Default: no limit. */
  readonly bytesPerSecond?: number | undefined;
  /** Bytes that may be sent at once, such as those of a key frame. Default: those of a second. */
  readonly maxBurst?: number | undefined;
  /** 0 .. 100: frames that do not fit at this quality are dropped. Default 0. */
  readonly leastQuality?: number;
  /** Milliseconds after which a key frame is sent without being asked for. Default: never. */
  readonly keyEvery?: number | undefined;
  /** Milliseconds between key frames that are asked for, at least. Default 250. */
  readonly keyRest?: number;
  /**
   * How far pixels may be from what was sent of them before they are sent again: the root of the mean square of 4 x 4 pixels, 0 .. 255; means of a patch half as far.
   * Above the noise of a camera. 0 sends every change. Default 9 - 6 * quality / 100.
   */
  readonly tolerance?: number;
  /** Bytes that wait in the channel, such as `() => channel.bufferedAmount`: while there are more than `maxBuffered`, frames are dropped. */
  readonly buffered?: (() => number) | undefined;
  /** Default 2^16. */
  readonly maxBuffered?: number;
  /** Most pixels of a picture: some 15 bytes are held for each. Default 2^23. */
  readonly maxPixels?: number;
  /** Told of every frame, sent or dropped. */
  readonly onFrame?: ((report: SceneFrameReport) => void) | undefined;
}

/** What became of a picture. */
export type SceneFrameReport = SentFrame | DroppedFrame;

export interface SentFrame {
  readonly dropped: undefined;
  /** A frame that needs no other. */
  readonly key: boolean;
  /** Number of the frame in its scene. */
  readonly sequence: number;
  /** In milliseconds, as it was given. */
  readonly time: number;
  /** 0 .. 100, that of the cells in this frame. */
  readonly quality: number;
  readonly bytes: number;
  /** Cells whose symbols are in the frame, of all cells of the picture. */
  readonly newCells: number;
  readonly cells: number;
}

export interface DroppedFrame {
  /**
   * `late`: a newer picture came while others were encoded, or this one is older than the last. `buffered`: too many bytes wait in the channel. `rate`: it does not fit into
   * `bytesPerSecond` at the least quality.
   */
  readonly dropped: "late" | "buffered" | "rate";
  readonly time: number;
}

export interface SceneEncodeOptions {
  /** When the picture was taken, in milliseconds of any clock. Default: now. */
  readonly time?: number;
  /** Ends the work with the error `aborted`; the scene stays as it was. */
  readonly signal?: AbortSignal | undefined;
}

const sendKinds: OptionTable<SendSceneOptions> = {
  quality: aNumber,
  bytesPerSecond: anything,
  maxBurst: anything,
  leastQuality: aNumber,
  keyEvery: anything,
  keyRest: anything,
  tolerance: anything,
  buffered: aFunction,
  maxBuffered: anything,
  maxPixels: anything,
  onFrame: aFunction,
};
const encodeKinds: OptionTable<SceneEncodeOptions> = { time: aNumber, signal: aSignal };

const usualMaxPixels = 8_388_608;

/**
 * Sends pictures of one scene, such as a camera or a screen, as frames of which each is the change of the one before: cells that stay as they are take next to no bytes. There is
 * no motion search: what moves is coded anew where it comes to lie.
 * @throws IsthmusError `invalid-parameter`, `model-mismatch` (a receiver's model), or `model-unsuited` (a model of pictures of one size)
 */
export function sendScene(sender: Sender, options: SendSceneOptions = {}): SceneSender {
  return new SceneSender(sender.codec, checkOptions(options, sendKinds, "sendScene"));
}

/** What is known of the pictures since the last key frame. */
interface Scene {
  readonly width: number;
  readonly height: number;
  readonly grey: boolean;
  readonly encoder: SceneEncoder;
  readonly sent: SentPixels;
  /** Quality level of each cell when it was last sent. */
  readonly levels: Uint8Array;
}

interface Job {
  readonly picture: DecodedImage;
  readonly grey: boolean;
  readonly time: number;
  readonly signal: AbortSignal | undefined;
}

interface WaitingJob extends Job {
  resolve(frame: Uint8Array | undefined | Promise<Uint8Array | undefined>): void;
}

/** Makes the frames of a scene, one after another. See `sendScene`. */
export class SceneSender {
  private readonly tolerance: number;
  private readonly maxPixels: number;
  private readonly bucket: ByteBucket | undefined;
  private readonly control: LevelControl;
  private scene: Scene | undefined;
  /** Checksum of the last frame: what the next one refers to. */
  private reference = 0;
  private sequence = 0;
  private begun: number | undefined;
  private newest = Number.NEGATIVE_INFINITY;
  private keyTime = Number.NEGATIVE_INFINITY;
  private keySequence = -1;
  private wantsKey = false;
  private isBusy = false;
  private waiting: WaitingJob | undefined;

  constructor(
    private readonly codec: Codec,
    private readonly options: SendSceneOptions,
  ) {
    const { quality = usualQuality, leastQuality = 0, bytesPerSecond, maxBurst = bytesPerSecond } = options;
    const highest = levelOf(quality);
    if (!(leastQuality >= 0 && leastQuality <= quality)) {
      throw expected("a number between 0 and quality", "leastQuality", leastQuality);
    }
    for (const name of ["bytesPerSecond", "maxBurst", "keyEvery"] as const) checkNumber(options, name, 1);
    for (const name of ["keyRest", "tolerance", "maxBuffered"] as const) checkNumber(options, name, 0);
    this.tolerance = options.tolerance ?? 9 - (6 * quality) / 100;
    this.maxPixels = limitOf("maxPixels", options.maxPixels ?? usualMaxPixels);
    this.bucket = bytesPerSecond === undefined ? undefined : new ByteBucket(bytesPerSecond, maxBurst!);
    this.control = new LevelControl(highest, levelOf(leastQuality));
    const { configuration } = codec.model;
    if (!codec.network.analysis) {
      throw new IsthmusError(
        "model-mismatch",
        "This model holds the receiver's half only; a scene needs the whole model",
      );
    }
    if (configuration.fixedSize) {
      throw new IsthmusError(
        "model-unsuited",
        "Expected a model of pictures of any size for a scene but received one of one size",
      );
    }
  }

  /**
   * The frame of the next picture, to be handed to the channel as one message; undefined where it was dropped, see `onFrame`. Pictures have no transparent pixels; where their size changes,
   * or whether they are grey, a key frame is made. While a picture is encoded the newest other one waits; those that came between are dropped.
   * @throws IsthmusError `invalid-parameter`, `image-too-large` or `aborted`
   */
  async encode(image: Image, given: SceneEncodeOptions = {}): Promise<Uint8Array | undefined> {
    const { time = performance.now(), signal } = checkOptions(given, encodeKinds, "encode");
    if (!Number.isFinite(time)) throw expected("a finite number", "time", time);
    const job = { ...this.prepare(image), time, signal };
    if (time < this.newest) return this.drop("late", time);
    this.newest = time;
    if (!this.isBusy) return this.work(job);
    this.waiting?.resolve(this.drop("late", this.waiting.time));
    return new Promise((resolve) => {
      this.waiting = { ...job, resolve };
    });
  }

  /** The next frame will be a key frame: for a receiver that is new. */
  requestKey(): void {
    this.wantsKey = true;
  }

  /**
   * Takes a message of the receiver, which asks for a key frame where it lacks one.
   * @throws IsthmusError `not-isthmus`, `unsupported-version`, `truncated` or `corrupt` for other messages: the scene goes on
   */
  take(message: Bytes): void {
    const lacking = readKeyRequest(bytesIn(message, "message"));
    // A later key frame may be on its way already.
    if (lacking >= this.keySequence) this.wantsKey = true;
  }

  private async work(job: Job): Promise<Uint8Array | undefined> {
    this.isBusy = true;
    try {
      return await this.frameOf(job);
    } catch (error) {
      throw shortageOr(error);
    } finally {
      this.isBusy = false;
      const next = this.waiting;
      this.waiting = undefined;
      if (next) next.resolve(this.work(next));
    }
  }

  private async frameOf({ picture, grey, time, signal }: Job): Promise<Uint8Array | undefined> {
    const { buffered, maxBuffered = 2 ** 16, keyEvery = Number.POSITIVE_INFINITY, keyRest = 250 } = this.options;
    if (buffered && buffered() > maxBuffered) return this.drop("buffered", time);
    const room = this.bucket?.room(time) ?? Number.POSITIVE_INFINITY;
    const { width, height } = picture;
    const last = this.scene;
    const isOther = !last || last.width !== width || last.height !== height || last.grey !== grey;
    const key = isOther || time - this.keyTime >= keyEvery || (this.wantsKey && time - this.keyTime >= keyRest);
    const scene = isOther ? this.begin(picture, grey) : last;
    const pacer = new Pacer({ signal });
    const changed = key ? new Uint8Array(scene.levels.length).fill(1) : scene.sent.changed(picture, this.tolerance);
    const allowance = this.bucket ? (key ? room : room / 2) : room;
    const refreshed = key || !this.bucket ? changed : this.control.refreshed(changed, scene.levels, allowance);
    const known = await scene.encoder.analyse(picture, refreshed, pacer);
    this.begun ??= time;
    const heading = { sequence: this.sequence, time: Math.round(time - this.begun) % 2 ** 32 };
    const attempt = async (level: number, marks: Uint8Array) => {
      const encoded = await scene.encoder.encode(known, marks, level, key, pacer);
      const bytes = key
        ? this.keyBytes(scene, encoded, heading)
        : writeSceneFrame({
            kind: "delta",
            ...heading,
            reference: this.reference,
            level,
            masked: encoded.section.masked,
            cells: await scene.encoder.encodeKinds(encoded.kinds, pacer),
            symbols: encoded.section.bytes,
          });
      return { level, marks, encoded, bytes };
    };
    const { level, marks, encoded, bytes } = await this.control.fit(attempt, { changed, refreshed, allowance });
    if (bytes.length > room) return this.drop("rate", time);
    scene.encoder.keep(encoded);
    scene.sent.keep(picture, marks);
    let newCells = 0;
    marks.forEach((mark, cell) => {
      if (!mark) return;
      scene.levels[cell] = level;
      newCells++;
    });
    this.scene = scene;
    this.reference = checksumOf(bytes);
    this.bucket?.add(bytes.length);
    if (key) {
      this.wantsKey = false;
      this.keyTime = time;
      this.keySequence = heading.sequence;
    }
    this.sequence++;
    const cells = marks.length;
    const quality = percentOfLevel(level);
    const { sequence } = heading;
    this.options.onFrame?.({ dropped: undefined, key, sequence, time, quality, bytes: bytes.length, newCells, cells });
    return bytes;
  }

  private keyBytes(
    { width, height, grey }: Scene,
    { level, section }: EncodedCells,
    heading: { sequence: number; time: number },
  ) {
    const { masked, bytes: symbols } = section;
    const modelId = bytesOfHex(this.codec.model.id);
    const stream = writeContainer({ modelId, width, height, grey, quality: level, masked, symbols });
    return writeSceneFrame({ kind: "key", ...heading, stream });
  }

  private begin({ width, height }: DecodedImage, grey: boolean): Scene {
    const { configuration } = this.codec.model;
    const encoder = new SceneEncoder(this.codec, { width, height }, grey);
    const sent = new SentPixels(configuration, { width, height });
    return { width, height, grey, encoder, sent, levels: new Uint8Array(encoder.cells) };
  }

  private prepare(image: Image): { picture: DecodedImage; grey: boolean } {
    const { channels } = this.codec.model;
    const { colour, alpha } = splitAlpha(copyImage(image, this.maxPixels));
    if (alpha?.some((sample) => sample < 255)) {
      throw expected("an opaque image", "a scene", "one with transparent pixels");
    }
    if (channels === 1 && !isGrey(colour)) {
      throw expected("a grey image (or a model trained on colour)", "image", `${colour.channels} channels of colour`);
    }
    return { picture: convertColour(colour, channels === 1 ? 1 : 3), grey: colour.channels === 1 || channels === 1 };
  }

  private drop(dropped: DroppedFrame["dropped"], time: number): undefined {
    this.options.onFrame?.({ dropped, time });
  }
}

function checkNumber<Name extends keyof SendSceneOptions>(options: SendSceneOptions, name: Name, least: number): void {
  const value: unknown = options[name];
  if (value === undefined || (typeof value === "number" && value >= least)) return;
  throw expected(`a number of at least ${least}`, name, value);
}
