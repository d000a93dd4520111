import type { Codec } from "../codec/codec.js";
import { highestLevel, levelOf, percentOfLevel, usualQuality } from "../codec/latents/quality.js";
import { checkSceneModel } from "../codec/scenes/scene-coding.js";
import { SceneEncoder } from "../codec/scenes/scene-encoder.js";
import { writeContainer } from "../codec/stream/container.js";
import type { Bytes } from "../ground/byte-source.js";
import { bytesIn } from "../ground/byte-source.js";
import { bytesOfHex } from "../ground/bytes.js";
import { expected, IsthmusError, shortageOr } from "../ground/errors.js";
import { limitOf } from "../ground/limits.js";
import { checkOptions } from "../ground/option-table.js";
import { Pacer } from "../ground/pacer.js";
import { splitAlpha } from "../image/alpha.js";
import { convertColour, isGrey } from "../image/channels.js";
import { copyImage, type DecodedImage, type Image } from "../image/image.js";
import { gridSize } from "../models/tiling.js";
import { ByteBucket } from "./byte-bucket.js";
import { SentPixels } from "./changed-cells.js";
import { LevelControl } from "./level-control.js";
import { changedAreas, losslessStream } from "./lossless-scene.js";
import { checksumOf, readKeyRequest, writeSceneFrame } from "./scene-frame.js";
import {
  checkSceneOptions,
  type DroppedFrame,
  type SceneEncodeOptions,
  type SendSceneOptions,
  sceneEncodeKinds,
} from "./scene-options.js";
import { Sender } from "./sender.js";

/** Bytes of the shortest frames: nothing is encoded for less room. */
const leastBytes = 14;
const usualMaxPixels = 8_388_608;

/**
 * Sends pictures of one scene, such as a camera or a screen, as frames of which each is the change of the one before:
 * cells that stay as they are take next to no bytes. There is no motion search: what moves is coded anew where it
 * comes to lie.
 * @throws IsthmusError `invalid-parameter`, `model-mismatch` (a receiver's model), or `model-unsuited` (a model of
 * pictures of one size)
 */
export function sendScene(sender: Sender, options: SendSceneOptions = {}): SceneSender {
  if (!(sender instanceof Sender)) throw expected("a Sender", "sender", sender);
  return new SceneSender(sender.codec, checkSceneOptions(options));
}

/** The picture that the last frame left at a receiver: of latents, or without loss. */
interface Scene {
  readonly width: number;
  readonly height: number;
  readonly grey: boolean;
  readonly latents?: SentLatents;
  readonly lossless?: DecodedImage;
}

interface SentLatents {
  readonly encoder: SceneEncoder;
  readonly sent: SentPixels;
  /** Quality level of each cell when it was last sent. */
  readonly levels: Uint8Array;
}

/** A frame that could be sent. */
interface Made {
  readonly bytes: Uint8Array;
  readonly level: number;
  readonly newCells: number;
  readonly cells: number;
  /** What a receiver has then. */
  keep(): Scene;
}

interface Heading {
  readonly sequence: number;
  readonly time: number;
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
  private readonly highest: number;
  private readonly maxBurst: number;
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

  /** @internal */
  constructor(
    private readonly codec: Codec,
    private readonly options: SendSceneOptions,
  ) {
    const { quality = usualQuality, leastQuality = 0, bytesPerSecond, maxBurst = bytesPerSecond } = options;
    this.highest = levelOf(quality);
    this.maxBurst = maxBurst ?? Number.POSITIVE_INFINITY;
    if (!(leastQuality >= 0 && leastQuality <= quality)) {
      throw expected("a number between 0 and quality", "leastQuality", leastQuality);
    }
    this.tolerance = options.tolerance ?? 9 - (6 * quality) / 100;
    this.maxPixels = limitOf("maxPixels", options.maxPixels ?? usualMaxPixels);
    this.bucket = bytesPerSecond === undefined ? undefined : new ByteBucket(bytesPerSecond, this.maxBurst);
    this.control = new LevelControl(this.highest, levelOf(leastQuality));
    const { configuration } = codec.model;
    if (!codec.network.levels[0].analysis) {
      throw new IsthmusError(
        "model-mismatch",
        "This model holds the receiver's half only; a scene needs the whole model",
      );
    }
    checkSceneModel(configuration);
  }

  /**
   * The frame of the next picture, to be handed to the channel as one message; undefined where it was dropped, see
   * `onFrame`. Pictures have no transparent pixels; where their size changes, or whether they are grey, a key frame
   * is made. While a picture is encoded the newest other one waits; those that came between are dropped.
   * @throws IsthmusError `invalid-parameter`, `image-too-large` or `aborted`
   */
  async encode(image: Image, given: SceneEncodeOptions = {}): Promise<Uint8Array | undefined> {
    const { time = performance.now(), signal } = checkOptions(given, sceneEncodeKinds, "encode");
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
   * @throws IsthmusError `not-isthmus`, `unsupported-version`, `truncated` or `corrupt` for other messages: the scene
   * goes on
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
    if (room < leastBytes) return this.drop("rate", time);
    const { width, height } = picture;
    const last = this.scene;
    const isOther = !last || last.width !== width || last.height !== height || last.grey !== grey;
    const key = isOther || time - this.keyTime >= keyEvery || (this.wantsKey && time - this.keyTime >= keyRest);
    const scene: Scene = last && !key ? last : { width, height, grey };
    const pacer = new Pacer({ signal });
    this.begun ??= time;
    const heading = { sequence: this.sequence, time: Math.round(time - this.begun) % 2 ** 32 };
    const lossless = scene.latents ? undefined : await this.losslessFrame(picture, scene, heading, room, pacer);
    let made = lossless;
    if (!lossless || key) {
      const latents = await this.latentFrame(picture, scene, heading, room, pacer);
      // Without loss where that is no longer, or where there is no room for latents of the highest quality.
      const isBetter = lossless && (lossless.bytes.length <= latents.bytes.length || latents.level < this.highest);
      if (!isBetter) made = latents;
    }
    const { bytes, level, newCells, cells, keep } = made!;
    if (bytes.length > room) return this.drop("rate", time);
    this.scene = keep();
    this.reference = checksumOf(bytes);
    this.bucket?.add(bytes.length);
    const isKey = key || (scene.lossless !== undefined && this.scene.latents !== undefined);
    if (isKey) {
      this.wantsKey = false;
      this.keyTime = time;
      this.keySequence = heading.sequence;
    }
    this.sequence++;
    this.options.onFrame?.({
      dropped: undefined,
      key: isKey,
      sequence: heading.sequence,
      time,
      quality: percentOfLevel(level),
      lossless: this.scene.lossless !== undefined,
      bytes: bytes.length,
      newCells,
      cells,
    });
    return bytes;
  }

  /**
   * A frame without loss, undefined where there is none: where the picture has too many colours, or will not fit
   * however long one waits.
   */
  private async losslessFrame(
    picture: DecodedImage,
    { width, height, grey, lossless }: Scene,
    heading: Heading,
    room: number,
    pacer: Pacer,
  ): Promise<Made | undefined> {
    const grid = gridSize(this.codec.model.configuration, picture);
    const cells = grid.width * grid.height;
    const keep = (): Scene => ({ width, height, grey, lossless: picture });
    const made = { level: highestLevel, cells, keep };
    if (!lossless) {
      const stream = await losslessStream(this.codec, picture, grey, pacer);
      const bytes = stream && writeSceneFrame({ kind: "key", ...heading, stream });
      return bytes && bytes.length <= room ? { ...made, bytes, newCells: cells } : undefined;
    }
    const changed = await changedAreas(this.codec, lossless, picture, grey, pacer);
    if (!changed) return undefined;
    const bytes = writeSceneFrame({ kind: "areas", ...heading, reference: this.reference, areas: changed.areas });
    if (bytes.length > room && room >= this.maxBurst) return undefined;
    return { ...made, bytes, newCells: Math.ceil((changed.pixels / (width * height)) * cells) };
  }

  /** A frame of latents: of all cells where the scene has none yet. */
  private async latentFrame(
    picture: DecodedImage,
    { width, height, grey, latents }: Scene,
    heading: Heading,
    room: number,
    pacer: Pacer,
  ): Promise<Made> {
    const shape = { width, height, grey };
    const { encoder, sent, levels } = latents ?? this.begin(shape);
    const isKey = !latents;
    const changed = isKey ? new Uint8Array(levels.length).fill(1) : sent.changed(picture, this.tolerance);
    const allowance = this.bucket && !isKey ? room / 2 : room;
    const refreshed = isKey || !this.bucket ? changed : this.control.refreshed(changed, levels, allowance);
    const known = await encoder.analyse(picture, refreshed, pacer);
    const attempt = async (level: number, marks: Uint8Array) => {
      const encoded = await encoder.encode(known, marks, level, isKey, pacer);
      const { masked, bytes: symbols } = encoded.section;
      if (isKey) {
        const modelId = bytesOfHex(this.codec.model.id);
        const stream = writeContainer({ modelId, ...shape, payload: "latents", quality: level, masked, symbols });
        return { level, marks, encoded, bytes: writeSceneFrame({ kind: "key", ...heading, stream }) };
      }
      const cells = await encoder.encodeKinds(encoded.kinds, pacer);
      const { reference } = this;
      const bytes = writeSceneFrame({ kind: "delta", ...heading, reference, level, masked, cells, symbols });
      return { level, marks, encoded, bytes };
    };
    const { level, marks, encoded, bytes } = await this.control.fit(attempt, { changed, refreshed, allowance });
    const newCells = marks.reduce((sum, mark) => sum + mark, 0);
    const keep = (): Scene => {
      encoder.keep(encoded);
      sent.keep(picture, marks);
      marks.forEach((mark, cell) => {
        if (mark) levels[cell] = level;
      });
      return { ...shape, latents: { encoder, sent, levels } };
    };
    return { bytes, level, newCells, cells: marks.length, keep };
  }

  private begin({ width, height, grey }: Scene): SentLatents {
    const { configuration } = this.codec.model;
    const encoder = new SceneEncoder(this.codec, { width, height }, grey);
    return { encoder, sent: new SentPixels(configuration, { width, height }), levels: new Uint8Array(encoder.cells) };
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
