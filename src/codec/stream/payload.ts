import type { Pacer } from "../../ground/pacer.js";
import type { Shape } from "../../image/image.js";
import type { LosslessPicture } from "../../image/lossless-picture.js";
import type { PixelRows } from "../../image/pixel-rows.js";
import type { LatentLevel } from "../../models/latent-level.js";
import type { Size } from "../../models/tiling.js";
import type { PipelineSettings, Refiner } from "../latents/pipeline.js";
import type { Places } from "../latents/places.js";
import type { Field } from "./fields.js";

/**
 * What a kind of payload is in a stream: its fields, as data, beside those that every stream has (docs/FORMAT.md, "Payloads"). A kind is a file of
 * stream/payloads/, with its form, its decoder and its encoder, and a line for each of them in stream/payloads.ts.
 */
export interface PayloadForm {
  /** `payload` of the parts of a stream. */
  readonly name: string;
  /** The names of its flags: bits 3 and 4 of the head. Those without a name are spare. */
  readonly flags: readonly string[];
  /** Its fields that a prefix of the stream tells, right behind the height: `quality`, unless the colour comes back as it was. */
  readonly head: readonly Field[];
  /** Its other fields, at the end of the stream. */
  readonly body: readonly Field[];
}

/** The coder of symbols, and turns at the kernels. */
type Coders = Pick<PipelineSettings, "levels" | "tables" | "sealed" | "turns" | "pacer">;

/** What a payload may decode with. */
export interface DecodeContext extends Coders {
  /** The picture as it is handed out. */
  readonly shape: Shape;
  /** The rows of an alpha that lies beside the payload. */
  readonly mask: AsyncIterator<Uint8Array> | undefined;
  /** Bits that a symbol costs at least. */
  readonly leastBits: number;
  /** Rows of a plane, whose bytes must be enough for its size. Tells progress where it gets the pacer. */
  planeRows(coded: Uint8Array, size: Size, pacer?: Pacer): AsyncGenerator<Uint8Array, void, void>;
}

/** A picture on its way in, and what a payload may encode it with. */
export interface EncodeContext extends Coders {
  readonly size: Size;
  readonly levels: readonly LatentLevel[];
  readonly bare: boolean;
  /** The rows of the network's channels. */
  readonly picture: PixelRows;
  /** Where it lies beside those. */
  readonly alpha: Uint8Array | undefined;
  readonly grey: boolean;
  /** The same picture as it would be coded without latents. */
  readonly lossless: LosslessPicture;
  readonly level: number;
  /** Quality in places, where it differs. */
  readonly places: Places | undefined;
  readonly refine: Refiner | undefined;
  /** See `encodeStrips`. */
  readonly latents: Map<number, Float32Array> | undefined;
  /** The bytes of the best stream so far: a longer payload need not be made. */
  readonly mostBytes: number;
  /** Undefined where a plane takes more than `mostBytes`. */
  encodePlane(samples: Uint8Array, size: Size, mostBytes?: number): Promise<Uint8Array | undefined>;
}
