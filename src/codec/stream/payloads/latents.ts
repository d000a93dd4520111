import { concatenate } from "../../../ground/bytes.js";
import { collectRows } from "../../../image/collect-rows.js";
import type { Channels } from "../../../image/image.js";
import { frequencyTotal, type TableBank } from "../../../models/tables.js";
import { gridSize } from "../../../models/tiling.js";
import { coverageOf, coveredCells } from "../../latents/coverage.js";
import { finishRows } from "../../latents/finish-rows.js";
import { colourOnlyChannels } from "../../latents/grey-channels.js";
import { decodeStrips, encodeStrips } from "../../latents/pipeline.js";
import { blocksOf, type Places, placesIn } from "../../latents/places.js";
import { type CodedStrip, joinStrips, splitFrames, splitStrips } from "../../latents/strip-section.js";
import { stripsOf } from "../../latents/strips.js";
import { holdRows } from "../../planes/held-rows.js";
import type { DecodeContext, EncodeContext, PayloadForm } from "../payload.js";

/** A picture as symbols of latents. */
export interface LatentsParts {
  readonly payload: "latents";
  /** Quality level, an integer 0 .. 255. */
  readonly quality: number;
  /** True where each strip names the channels that it codes. */
  readonly masked?: boolean;
  /** Where quality differs from place to place: see docs/FORMAT.md, "Quality in places". */
  readonly places?: Uint8Array;
  /** The strips of symbols as the entropy coder wrote them, seals included. */
  readonly symbols: Uint8Array;
}

export const latentsForm: PayloadForm = {
  name: "latents",
  flags: ["masked", "places"],
  head: [{ name: "quality", kind: "byte", length: 1 }],
  body: [
    { name: "places", kind: "section", flag: "places" },
    { name: "symbols", kind: "rest" },
  ],
};

/** The rows of a picture. @throws IsthmusError `corrupt` or `truncated`, at once or while they are read */
export async function decodeLatents(
  { quality, masked = false, places: field, symbols, alpha }: LatentsParts & { readonly alpha?: Uint8Array },
  context: DecodeContext,
): Promise<AsyncGenerator<Uint8Array, void, void>> {
  const { shape, mask, pacer, planeRows, levels } = context;
  const { configuration } = levels[0];
  const sections = splitFrames(symbols, levels.length);
  // Behind a mask any cell may be hidden and cost nothing.
  const leastBits = alpha && (alpha.length > 1 || !alpha[0]) ? 0 : context.leastBits;
  const grids = levels.map(({ configuration }) => gridSize(configuration, shape));
  const coded = levels.map(({ configuration: { latents } }, i) => {
    const cells = stripsOf(grids[i], grids[0]).map(({ first, end }) => (end - first) * grids[i].width);
    return splitStrips({ masked, bytes: sections[i] }, cells, latents, leastBits);
  });
  const places = field && placesIn(field, configuration, shape);
  const alphaRows = mask && holdRows(mask, shape.width);
  const pieces = decodeStrips({
    ...context,
    ...{ size: shape, coded, level: quality },
    places: places && {
      ...places,
      steps: (await collectRows({ ...places.blocks, channels: 1, rows: planeRows(places.plane, places.blocks) })).data,
    },
    coverage: alphaRows && coverageOf(configuration, shape, () => alphaRows.line(), pacer),
  }) as AsyncGenerator<Uint8Array, void, void>;
  return finishRows(
    pieces,
    configuration.channels,
    { ...shape, channels: (shape.channels - (mask ? 1 : 0)) as Channels },
    alphaRows,
    pacer,
  );
}

/** Its payload, and the alpha beside it. */
export async function encodeLatents(context: EncodeContext) {
  const { levels, size, picture, alpha, grey, bare, level, places, pacer } = context;
  const coded: CodedStrip[][] = [];
  // What coarser levels show, which nothing refines, must be known before the finest is refined.
  for (let i = levels.length - 1; i >= 0; i--) {
    const quiet = pacer.part(0, 0);
    const own = {
      ...context,
      silent: grey && picture.channels === 3 ? colourOnlyChannels(levels[i]) : undefined,
      covered: i ? undefined : await coveredCells(levels[0].configuration, size, alpha, quiet),
      ...(i && { pacer: quiet, refine: undefined, latents: undefined }),
    };
    let coarser: Float32Array[] | undefined;
    if (own.refine && levels[1]) {
      coarser = [];
      for await (const rows of decodeStrips({ ...context, size, coded }, 1)) coarser.push(...(rows as Float32Array[]));
    }
    coded[i] = await encodeStrips(picture, { ...own, coarser }, i);
  }
  const { masked, bytes: symbols } = joinStrips(coded, !bare);
  return {
    payload: "latents" as const,
    quality: level,
    masked,
    symbols,
    ...(alpha && { alpha: await context.encodePlane(alpha, size) }),
    ...(places && { places: await encodePlaces(places, context) }),
  };
}

async function encodePlaces({ side, steps }: Places, { levels, size, encodePlane }: EncodeContext) {
  const cells = side / levels[0].configuration.patch.width;
  return concatenate([Uint8Array.of(cells - 1), (await encodePlane(steps, blocksOf(size, side)))!]);
}

/** What the most probable symbol of all tables costs, in bits. The host's logarithm will do: true streams stay `spareBits` away from the bound, and no pixel depends on it. */
export function leastSymbolBits({ frequencies }: TableBank): number {
  return Math.log2(frequencyTotal / frequencies.reduce((most, frequency) => Math.max(most, frequency)));
}
