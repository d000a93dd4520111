import type { Decoder } from "../codec/decoder.js";

/**
 * Decoders that are ready, by the ids of their models, at most so many: the one that was used longest ago makes room. Receivers may share one, as the elements
 * of a page do.
 */
export class Decoders {
  /** The one that was used longest ago first. */
  private readonly known = new Map<string, Promise<Decoder>>();

  constructor(private readonly most: number) {}

  /**
   * The decoder of a model, opened where it is not there. What failed may succeed when it is asked for again. Nobody need wait for the promise: its failure is
   * looked after here.
   */
  of(id: string, open: () => Promise<Decoder>): Promise<Decoder> {
    const { known } = this;
    const decoder = known.get(id) ?? open();
    known.delete(id);
    known.set(id, decoder);
    for (const oldest of known.keys()) {
      if (known.size <= this.most) break;
      known.delete(oldest);
    }
    decoder.catch(() => known.get(id) === decoder && known.delete(id));
    return decoder;
  }
}
