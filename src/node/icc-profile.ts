import { type ColourSpace, type Curve, linear, matrixOfXyzD50, power } from "./colour-space.js";

/** What an ICC profile says. Everything in it comes from outside: whatever does not hold is left out. */
export interface IccProfile {
  /** The name that the profile gives itself, or "". */
  readonly name: string;
  /** "RGB ", "GRAY", "CMYK" and so on; "" where the profile is too short to say. */
  readonly kind: string;
  /** The space, where curves and primaries describe it; undefined where it takes tables of several dimensions. */
  readonly space: ColourSpace | undefined;
}

const tagTable = 128;
const mostTags = 100;

export function readIccProfile(bytes: Uint8Array): IccProfile {
  try {
    const tags = new Tags(bytes);
    return { name: tags.name(), kind: tags.signature(16), space: spaceOf(tags) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { name: "", kind: "", space: undefined };
  }
}

function spaceOf(tags: Tags): ColourSpace | undefined {
  if (tags.has("A2B0")) return undefined;
  const kind = tags.signature(16);
  const connection = tags.signature(20);
  if (kind === "GRAY") {
    const curve = tags.curve("kTRC");
    return curve && { curves: [connection === "Lab " ? (sample) => lightOfLightness(curve(sample)) : curve] };
  }
  if (kind !== "RGB " || connection !== "XYZ ") return undefined;
  const curves = ["rTRC", "gTRC", "bTRC"].map((tag) => tags.curve(tag));
  const columns = ["rXYZ", "gXYZ", "bXYZ"].map((tag) => tags.xyz(tag));
  if (!curves.every((curve) => curve !== undefined) || !columns.every((column) => column !== undefined))
    return undefined;
  const [red, green, blue] = columns;
  return { curves, matrix: matrixOfXyzD50([0, 1, 2].flatMap((i) => [red[i], green[i], blue[i]])) };
}

/** Y of L*, both 0 .. 1. */
const lightOfLightness = (lightness: number): number =>
  lightness > 0.08 ? ((lightness + 0.16) / 1.16) ** 3 : lightness / 9.033;

/** The tags of a profile. Reading beyond its end throws a RangeError, as DataView does. */
class Tags {
  private readonly view: DataView;
  private readonly places = new Map<string, number>();

  constructor(bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const count = Math.min(mostTags, this.view.getUint32(tagTable));
    for (let i = 0; i < count; i++) {
      const entry = tagTable + 4 + 12 * i;
      this.places.set(this.signature(entry), this.view.getUint32(entry + 4));
    }
  }

  has(tag: string): boolean {
    return this.places.has(tag);
  }

  signature(at: number): string {
    return String.fromCharCode(...[0, 1, 2, 3].map((i) => this.view.getUint8(at + i)));
  }

  xyz(tag: string): number[] | undefined {
    const at = this.places.get(tag);
    if (at === undefined || this.signature(at) !== "XYZ ") return undefined;
    return [0, 1, 2].map((i) => this.fixed(at + 8 + 4 * i));
  }

  curve(tag: string): Curve | undefined {
    const at = this.places.get(tag);
    if (at === undefined) return undefined;
    if (this.signature(at) === "curv") return this.sampledCurve(at);
    return this.signature(at) === "para" ? this.parametricCurve(at) : undefined;
  }

  private sampledCurve(at: number): Curve {
    const count = this.view.getUint32(at + 8);
    if (count === 0) return linear;
    if (count === 1) return power(this.view.getUint16(at + 12) / 256);
    this.view.getUint16(at + 12 + 2 * (count - 1));
    const value = (i: number): number => this.view.getUint16(at + 12 + 2 * i) / 65535;
    return (sample) => {
      const place = sample * (count - 1);
      const low = Math.min(count - 2, Math.floor(place));
      return value(low) + (place - low) * (value(low + 1) - value(low));
    };
  }

  /** The five kinds of ICC.1, table 68: a power with offsets, and a straight line below `d`. */
  private parametricCurve(at: number): Curve | undefined {
    const kind = this.view.getUint16(at + 8);
    const counts = [1, 3, 4, 5, 7];
    if (kind >= counts.length) return undefined;
    const given = Array.from({ length: counts[kind] }, (_, i) => this.fixed(at + 12 + 4 * i));
    const [g, a = 1, b = 0] = given;
    if (kind === 0) return power(g);
    const [c, d, e, f] =
      kind === 1
        ? [0, -b / a, 0, 0]
        : kind === 2
          ? [0, -b / a, given[3], given[3]]
          : [given[3], given[4], given[5] ?? 0, given[6] ?? 0];
    return (sample) => (sample >= d ? Math.max(0, a * sample + b) ** g + e : c * sample + f);
  }

  /** The name, of version 2 (ASCII) or 4 (UTF-16 of several languages, of which the first is taken). */
  name(): string {
    const at = this.places.get("desc");
    if (at === undefined) return "";
    const kind = this.signature(at);
    const unicode = kind === "mluc";
    if (!unicode && kind !== "desc") return "";
    const length = Math.min(200, unicode ? this.view.getUint32(at + 20) / 2 : this.view.getUint32(at + 8));
    const start = unicode ? at + this.view.getUint32(at + 24) : at + 12;
    const codes = Array.from({ length: Math.floor(length) }, (_, i) =>
      unicode ? this.view.getUint16(start + 2 * i) : this.view.getUint8(start + i),
    );
    return String.fromCharCode(...codes.filter((code) => code !== 0)).trim();
  }

  private fixed(at: number): number {
    return this.view.getInt32(at) / 65536;
  }
}
