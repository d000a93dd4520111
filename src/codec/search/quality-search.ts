/** What was tried at a quality, and came out. */
export interface Trial<Tried> {
  readonly quality: number;
  readonly tried: Tried;
}

/** Neighbours between which a goal lies; where all qualities lie on one side of it, the other is missing. */
export interface Crossing<Tried> {
  readonly below: Trial<Tried> | undefined;
  readonly above: Trial<Tried> | undefined;
}

/** Whole numbers, and what is tried at them. */
interface Range<Tried> {
  readonly lowest: number;
  readonly highest: number;
  /** Encodes and measures. No quality is tried twice. */
  tryAt(quality: number): Promise<Tried>;
}

interface CrossingSearch<Tried> extends Range<Tried> {
  /** True up to some quality, and false from there on. */
  isBelow(tried: Tried): boolean;
  /** The quality to try next between two sides; undefined where enough is known. Default: the one in the middle. */
  next?(below: Trial<Tried>, above: Trial<Tried>, tries: number): number | undefined;
}

/** Where a goal is crossed, which every search for a quality comes down to: a side on each hand, and tries between them. */
export async function findCrossing<Tried>(search: CrossingSearch<Tried>): Promise<Crossing<Tried>> {
  let below: Trial<Tried> | undefined;
  let above: Trial<Tried> | undefined;
  for (let tries = 0; ; tries++) {
    const low = below?.quality ?? search.lowest - 1;
    const high = above?.quality ?? search.highest + 1;
    if (high - low <= 1) break;
    const middle = (low + high) >> 1;
    const quality = search.next && below && above ? search.next(below, above, tries) : middle;
    if (quality === undefined) break;
    const trial = { quality, tried: await search.tryAt(quality) };
    if (search.isBelow(trial.tried)) below = trial;
    else above = trial;
  }
  return { below, above };
}

/** A search among qualities whose values lie along a smooth curve. */
export interface QualitySearch<Tried> extends Range<Tried> {
  /** What grows with the quality: bytes, a score, decibels. */
  valueOf(tried: Tried): number;
  readonly goal: number;
  /** The last quality whose value is at most the goal, the first whose value is at least that, or the one whose value is nearest. */
  readonly wanted: "atMost" | "atLeast" | "nearest";
}

/** Between qualities no further apart than this, a smooth curve is a line. */
const straight = 8;
/** Tries after which a line in a wider range is mistrusted: a side that hardly moves tells of a curve. */
const hopeful = 4;

/**
 * The quality whose value is the wanted one beside a goal, undefined where none is. Encoding is slow, so the next quality to try is read from the line
 * through both sides of the goal, and none is tried that the line makes needless: the answer may be a step from the best.
 */
export async function searchQuality<Tried>(search: QualitySearch<Tried>): Promise<Trial<Tried> | undefined> {
  const { goal, wanted } = search;
  const valueAt = ({ tried }: Trial<Tried>): number => search.valueOf(tried);
  const { below, above } = await findCrossing({
    ...search,
    isBelow: (tried) => search.valueOf(tried) < goal || (wanted === "atMost" && search.valueOf(tried) === goal),
    next(below, above, tries) {
      const [low, high] = [below.quality, above.quality];
      const crossing = low + ((high - low) * (goal - valueAt(below))) / (valueAt(above) - valueAt(below));
      const guess = round[wanted](crossing);
      const isStraight = high - low <= straight;
      if (!isStraight && tries >= hopeful) return (low + high) >> 1;
      if (isStraight && ((guess === low && wanted !== "atLeast") || (guess === high && wanted !== "atMost")))
        return undefined;
      return Math.min(high - 1, Math.max(low + 1, guess));
    },
  });
  if (wanted === "atMost") return below;
  if (wanted === "atLeast") return above;
  return below && above && goal - valueAt(below) < valueAt(above) - goal ? below : (above ?? below);
}

const round = { atMost: Math.floor, atLeast: Math.ceil, nearest: Math.round };
