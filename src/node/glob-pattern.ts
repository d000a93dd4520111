/** Whether a state goes on to the next one by a sign. */
type Accepts = (sign: string) => boolean;

/** What accepts a sign, or the states that lie open without one. */
type State = Accepts | readonly number[];

const any: Accepts = () => true;
const withinName: Accepts = (sign) => sign !== "/";

/**
 * A test for the paths that a glob names. `*` and `?` stay within a name, `**` is any number of folders, `[a-z]` one sign, `[!a-z]` any other,
 * `{a,b}` either; brackets and braces without their other half stand for themselves. All ways through the glob are followed at once, sign by sign, so
 * that the time is at most the length of the path times that of the glob.
 */
export function globPattern(glob: string): (path: string) => boolean {
  const states = new Compiler([...glob]).states;
  return (path) => {
    let open = reach(states, [0]);
    for (const sign of path) {
      if (open.size === 0) return false;
      const next: number[] = [];
      for (const state of open) {
        const accepts = states[state];
        if (typeof accepts === "function" && accepts(sign)) next.push(state + 1);
      }
      open = reach(states, next);
    }
    return open.has(states.length);
  };
}

/** The states that lie open from `from` on, without a sign. */
function reach(states: readonly State[], from: readonly number[]): Set<number> {
  const open = new Set<number>();
  const left = [...from];
  while (left.length > 0) {
    const state = left.pop()!;
    if (open.has(state)) continue;
    open.add(state);
    const ways = states[state];
    if (typeof ways === "object") left.push(...ways);
  }
  return open;
}

/** Thompson's construction. */
class Compiler {
  readonly states: State[] = [];
  /** For each opening brace the places of its commas and of its closing one. */
  private readonly braces: ReadonlyMap<number, readonly number[]>;

  constructor(private readonly signs: readonly string[]) {
    this.braces = bracesOf(signs);
    this.compile(0, signs.length);
  }

  private compile(begin: number, end: number): void {
    for (let at = begin; at < end; ) at = this.part(at, end);
  }

  /** Compiles what begins at a place; returns where the next part begins. */
  private part(at: number, end: number): number {
    const { states, signs } = this;
    const sign = signs[at];
    if (sign === "*") return this.stars(at);
    if (sign === "?") states.push(withinName);
    else if (sign === "{" && this.braces.has(at)) return this.either(at, this.braces.get(at)!);
    else if (sign === "[") {
      const close = signs.indexOf("]", at + (signs[at + 1] === "!" ? 3 : 2));
      if (close > 0 && close < end) {
        states.push(oneOf(signs.slice(at + 1, close)));
        return close + 1;
      }
      states.push((other) => other === sign);
    } else states.push((other) => other === sign);
    return at + 1;
  }

  private stars(at: number): number {
    const { states, signs } = this;
    const first = states.length;
    if (signs[at + 1] !== "*") {
      states.push([first + 1, first + 3], withinName, [first]);
      return at + 1;
    }
    if (signs[at + 2] !== "/") {
      states.push([first + 1, first + 3], any, [first]);
      return at + 2;
    }
    states.push([first + 1, first + 5], [first + 2, first + 4], any, [first + 1], (sign) => sign === "/");
    return at + 3;
  }

  private either(open: number, separators: readonly number[]): number {
    const { states } = this;
    const ends: number[] = [];
    let begin = open + 1;
    for (const [i, separator] of separators.entries()) {
      const fork = states.push([]) - 1;
      this.compile(begin, separator);
      ends.push(states.push([]) - 1);
      const isLast = i === separators.length - 1;
      states[fork] = isLast ? [fork + 1] : [fork + 1, states.length];
      begin = separator + 1;
    }
    for (const end of ends) states[end] = [states.length];
    return begin;
  }
}

function bracesOf(signs: readonly string[]): Map<number, number[]> {
  const found = new Map<number, number[]>();
  const open: { place: number; commas: number[] }[] = [];
  for (const [place, sign] of signs.entries()) {
    if (sign === "{") open.push({ place, commas: [] });
    else if (sign === ",") open.at(-1)?.commas.push(place);
    else if (sign === "}") {
      const brace = open.pop();
      if (brace) found.set(brace.place, [...brace.commas, place]);
    }
  }
  return found;
}

/** What stands between brackets: single signs and ranges; all others after `!`. */
function oneOf(listed: readonly string[]): Accepts {
  const isOther = listed[0] === "!";
  const signs = isOther ? listed.slice(1) : listed;
  const ranges: [low: string, high: string][] = [];
  for (let i = 0; i < signs.length; i++) {
    const isRange = signs[i + 1] === "-" && i + 2 < signs.length;
    ranges.push([signs[i], isRange ? signs[i + 2] : signs[i]]);
    if (isRange) i += 2;
  }
  const codeOf = (sign: string): number => sign.codePointAt(0)!;
  const isListed = (sign: string): boolean =>
    ranges.some(([low, high]) => codeOf(low) <= codeOf(sign) && codeOf(sign) <= codeOf(high));
  return (sign) => sign !== "/" && isListed(sign) !== isOther;
}
