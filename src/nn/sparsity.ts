/** How a code is held at few active units. */
export type Sparsity =
  /** Only the `active` largest units of each code stay (Makhzani & Frey 2013, "k-Sparse Autoencoders", section 2). */
  | { readonly kind: "k"; readonly active: number }
  /** Rectified units, and `weight` times the sum of their activations added to the squared error. */
  | { readonly kind: "l1"; readonly weight: number }
  /**
   * Sigmoid units, and `weight` times the sum over units of KL(`activity` || mean activity over the batch) added to the squared error
   * (Ng 2011, "Sparse autoencoder", section 3).
   */
  | { readonly kind: "kl"; readonly activity: number; readonly weight: number };

const isBetween = (value: unknown, low: number, high: number): boolean =>
  typeof value === "number" && value > low && value < high;

/** True for a valid sparsity of a code of so many units. */
export function isSparsity(value: unknown, units: number): value is Sparsity {
  const s = value as Partial<Record<string, unknown>> | null;
  if (typeof s !== "object" || s === null) return false;
  if (s.kind === "k") return Number.isInteger(s.active) && isBetween(s.active, 0, units + 1);
  if (s.kind === "l1") return isBetween(s.weight, 0, 1e6);
  return s.kind === "kl" && isBetween(s.activity, 0, 1) && isBetween(s.weight, 0, 1e6);
}
