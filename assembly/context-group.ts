/**
 * The context prior's network for one group of channels in one call: cells come in small fronts, and there are many of them. What a group is lies in memory, as
 * src/models/context-group.ts describes it.
 *
 * N cells.
 */
import { activate } from "./activation";
import { gatherRows, predictSymbols } from "./context";
import { add } from "./elementwise";
import { multiplyProduct, Product, productWorkBytes } from "./integer-product";

// @ts-ignore: decorator
@unmanaged
export class Group {
  first: i32;
  channels: i32;
  activation: i32;
  /** Of the channels before the group; absent (0) where there are none. */
  own: Product | null;
  inner: Product;
  out: Product;
}

/** Two matrices of floats, and what products need, as if they ran at once. */
export function groupWorkBytes(N: i32, group: Group): i32 {
  const own = group.own;
  return 2 * matrixBytes(N, group) + productWorkBytes(N, group.inner) + productWorkBytes(N, group.out)
    + (own ? productWorkBytes(N, own) : 0);
}

function matrixBytes(N: i32, group: Group): i32 {
  return (N * max(max(group.first, group.inner.inputs), 2 * group.channels) * 4 + 15) & ~15;
}

/** out(act(inner(act(context + own)))) for N rows of `context`, then `predictSymbols`. `grid` has `stride` floats a cell. */
export function predictGroup(
  N: i32, group: Group, context: usize, cells: usize, grid: usize, stride: i32, inverse: usize, offset: usize,
  lowest: f32, density: f32, scales: i32, fractions: i32, work: usize, mean: usize, logScale: usize, tables: usize,
): void {
  const hidden = work, rows = hidden + matrixBytes(N, group);
  work = rows + matrixBytes(N, group);
  const own = group.own, count = N * group.inner.inputs;
  if (own) {
    gatherRows(N, group.first, grid, stride, cells, rows, group.first);
    multiplyProduct(N, own, 0, rows, work, hidden);
    add(count, context, hidden, hidden);
    activate(group.activation, count, hidden, hidden);
  } else {
    activate(group.activation, count, context, hidden);
  }
  multiplyProduct(N, group.inner, group.activation, hidden, work, hidden);
  multiplyProduct(N, group.out, 0, hidden, work, rows);
  predictSymbols(N, group.channels, rows, inverse, offset, lowest, density, scales, fractions, mean, logScale, tables);
}
