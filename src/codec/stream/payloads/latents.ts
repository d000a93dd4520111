import { concatenate } from "../../../ground/bytes.js";
import { collectRows } from "../../../image/collect-rows.js";
import type { Channels } from "../../../image/image.js";
import { frequencyTotal, type TableBank } from "../../../models/tables.js";
import { gridSize, type Size } from "../../../models/tiling.js";
import { coverageOf, coveredCells } from "../../latents/coverage.js";
import { finishRows } from "../../latents/finish-rows.js";
import { colourOnlyChannels } from "../../latents/grey-channels.js";
import { decodeStrips, encodeStrips } from "../../latents/pipeline.js";
import { blocksOf, type Places, placesIn } from "../../latents/places.js";
import { joinStrips, type ReadStrip, splitStrips } from "../../latents/strip-section.js";
import { stripsOf } from "../../latents/strips.js";
import { holdRows } from "../../planes/held-rows.js";
import { spareBits, tooShort } from "../../planes/plane.js";
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
  const { shape, mask, pacer, planeRows } = context;
  const { configuration } = context.entropy.latentLevel;
  const { channels, latents } = configuration;
  const grid = gridSize(configuration, shape);
  const strips = splitStrips({ masked, bytes: symbols }, stripsOf(grid).length, latents);
  checkClaim(shape, alpha, grid, strips, latents, context.leastBits);
  const alphaRows = mask && holdRows(mask, shape.width);
  const places = field && placesIn(field, grid);
  const pieces = decodeStrips(shape, strips, {
    ...context,
    level: quality,
    coverage: alphaRows && coverageOf(configuration, shape, () => alphaRows.line(), pacer),
    places: places && {
      ...places,
      steps: (await collectRows({ ...places.blocks, channels: 1, rows: planeRows(places.plane, places.blocks) })).data,
    },
  });
  return finishRows(
    pieces,
    channels,
    { ...shape, channels: (shape.channels - (mask ? 1 : 0)) as Channels },
    alphaRows,
    pacer,
  );
}

/** Its payload, and the alpha beside it. */
export async function encodeLatents(context: EncodeContext) {
  const { latentLevel, size, picture, alpha, grey, bare, level, places, pacer } = context;
  const strips = await encodeStrips(picture, {
    ...context,
    level,
    covered: await coveredCells(latentLevel.configuration, size, alpha, pacer.part(0, 0)),
    silent: grey && latentLevel.configuration.channels === 3 ? colourOnlyChannels(latentLevel) : undefined,
  });
  const { masked, bytes: symbols } = joinStrips(strips, !bare);
  return {
    payload: "latents" as const,
    quality: level,
    masked,
    symbols,
    ...(alpha && { alpha: await context.encodePlane(alpha, size) }),
    ...(places && { places: await encodePlaces(places, context) }),
  };
}

async function encodePlaces({ side, steps }: Places, { latentLevel, size, encodePlane }: EncodeContext) {
  const blocks = blocksOf(gridSize(latentLevel.configuration, size), side);
  return concatenate([Uint8Array.of(side - 1), (await encodePlane(steps, blocks))!]);
}

/** What the most probable symbol of all tables costs, in bits. The host's logarithm will do: true streams stay `spareBits` away from the bound, and no pixel depends on it. */
export function leastSymbolBits({ frequencies }: TableBank): number {
  return Math.log2(frequencyTotal / frequencies.reduce((most, frequency) => Math.max(most, frequency)));
}

/**
 * A stream of few bytes cannot claim a huge picture: every symbol costs some fraction of a bit. `leastBits`: see `leastSymbolBits`.
 * @throws IsthmusError `corrupt`
 */
function checkClaim(
  size: Size,
  alpha: Uint8Array | undefined,
  grid: Size,
  strips: readonly ReadStrip[],
  latents: number,
  leastBits: number,
): void {
  // Behind a mask any cell may be hidden and cost nothing.
  if (alpha && (alpha.length > 1 || !alpha[0])) return;
  const isShort = stripsOf(grid).some(({ first, end }, i) => {
    const { channels, bytes } = strips[i];
    const coded = channels ? channels.reduce((sum, bit) => sum + bit, 0) : latents;
    return bytes.length * 8 + spareBits < (end - first) * grid.width * coded * leastBits;
  });
  if (isShort) throw tooShort(size);
}
