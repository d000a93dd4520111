/** What this decoder throws for bytes that break a rule of docs/FORMAT.md. */
export class Refused extends Error {}

export function demand(rule: boolean, broken: string): asserts rule {
  if (!rule) throw new Refused(broken);
}

/** What `read` returns, or undefined where it refuses. */
export function unlessRefused<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}
