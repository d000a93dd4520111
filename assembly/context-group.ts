/**
 * The context prior's network for one group of channels in one call: cells come in small fronts, and there are many of them. What a group is lies in memory, as
 * src/models/context-group.ts describes it.
 *
 * N cells.
 */
import { activate } from "./activation";
import { gatherRows, predictSymbols } from "./context";
import { multiplyProduct, Product, productWorkBytes } from "./integer-product";
import { multiplySparse } from "./sparse-gemm";

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

/** Two matrices of floats, and what products need, as if two ran at once: `out` needs as much as `inner`. */
export function groupWorkBytes(N: i32, group: Group): i32 {
  const own = group.own;
  return 2 * matrixBytes(N, group) + productWorkBytes(N, group.inner) + productWorkBytes(N, own ? own : group.inner);
}

function matrixBytes(N: i32, group: Group): i32 {
  return N * max(max(group.first, group.inner.inputs), 2 * group.channels) * 4;
}

/** out(act(inner(act(context + own)))) for N rows of `context`, then `predictSymbols`. `grid` has `stride` floats a cell. */
export function predictGroup(
  N: i32, group: Group, context: usize, cells: usize, grid: usize, stride: i32, inverse: usize, offset: usize,
  lowest: f32, density: f32, scales: i32, fractions: i32, work: usize, mean: usize, tables: usize,
): void {
  const hidden = work, rows = hidden + matrixBytes(N, group);
  work = rows + matrixBytes(N, group);
  const own = group.own, activation = group.activation;
  if (own) {
    const M = own.outputs, K = own.inputs, largest = <f32>own.largestInput;
    gatherRows(N, K, grid, stride, cells, rows, K);
    multiplySparse(N, M, K, rows, largest, own.packed, own.columnScales, own.bias, context, activation, work, hidden);
  } else {
    activate(activation, N * group.inner.inputs, context, hidden);
  }
  multiplyProduct(N, group.inner, activation, hidden, work, hidden);
  multiplyProduct(N, group.out, 0, hidden, work, rows);
  predictSymbols(N, group.channels, rows, inverse, offset, lowest, density, scales, fractions, mean, tables);
}
