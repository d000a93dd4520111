import { expected } from "../ground/errors.js";
import type { Competitor } from "./competitor.js";
import { type OwnModel, openIsthmus, ownId } from "./isthmus.js";
import { jpegXl, openJpegXl } from "./jpeg-xl.js";
import { openSharpCompetitor } from "./rivals.js";

/** Codecs of a comparison by id; each is opened once, at its first use. */
export class Competitors {
  private readonly open = new Map<string, Promise<Competitor>>();

  constructor(private readonly own: OwnModel) {}

  /** Throws `invalid-parameter` for an id that no codec has. */
  get(id: string): Promise<Competitor> {
    const known = this.open.get(id) ?? this.start(id);
    this.open.set(id, known);
    return known;
  }

  private async start(id: string): Promise<Competitor> {
    if (id === ownId) return openIsthmus(this.own);
    if (id === jpegXl.id) return openJpegXl();
    const competitor = await openSharpCompetitor(id);
    if (!competitor) throw expected("the id of a codec", "competitor", id);
    return competitor;
  }
}
