import { IsthmusError } from "../../ground/errors.js";
import { frequencyTotal, type TableBank } from "../../models/tables.js";
import type { Size } from "../../models/tiling.js";
import type { ReadStrip } from "../stream/strip-section.js";
import { stripsOf } from "./strips.js";

/** What the most probable decision of the coder of planes costs, and what a coder's state may hold beside its bytes. */
const leastMaskBits = Math.log2(65536 / 65535);
const spareBits = 32;

/** What the most probable symbol of all tables costs, in bits. The host's logarithm will do: true streams stay `spareBits` away from the bound, and no pixel depends on it. */
export function leastSymbolBits({ frequencies }: TableBank): number {
  return Math.log2(frequencyTotal / frequencies.reduce((most, frequency) => Math.max(most, frequency)));
}

/**
 * A stream of few bytes cannot claim a huge picture: every symbol and every sample of a mask costs some fraction of a bit.
 * @throws IsthmusError `corrupt`
 */
export function checkClaim(
  parts: Size & { readonly alpha?: Uint8Array },
  grid: Size,
  strips: readonly ReadStrip[],
  model: { readonly latents: number; readonly leastBits: number },
): void {
  const { alpha } = parts;
  const isMask = alpha !== undefined && alpha.length !== 1;
  const isHidden = alpha?.length === 1 && alpha[0] === 0;
  const isShort = stripsOf(grid).some(({ first, end }, i) => {
    const { channels, bytes } = strips[i];
    const coded = channels ? channels.reduce((sum, bit) => sum + bit, 0) : model.latents;
    // Behind a mask any cell may be hidden and cost nothing.
    const symbolBits = isMask || isHidden ? 0 : (end - first) * grid.width * coded * model.leastBits;
    return bytes.length * 8 + spareBits < symbolBits;
  });
  if (isShort) throw tooShort(parts);
}

/** The same for a plane of samples; one byte stands for any number of them. Throws `corrupt`. */
export function checkPlaneClaim(size: Size, plane: Uint8Array): void {
  const isUniform = plane.length === 1;
  if (!isUniform && plane.length * 8 + spareBits < size.width * size.height * leastMaskBits) throw tooShort(size);
}

const tooShort = ({ width, height }: Size) =>
  new IsthmusError("corrupt", `The stream claims ${width} x ${height} pixels but is too short for them`);
