/**
 * A dense layer of integers in one call, from floats to floats. What a layer is lies in memory, as src/nn/integer-product.ts describes it: it stays the same from call to
 * call.
 *
 * N rows.
 */
import { integerRowBytes, multiplyIntegers, roundRows } from "./integer-gemm";
import { multiplySparse, sparseScratchBytes } from "./sparse-gemm";

// @ts-ignore: decorator
@unmanaged
export class Product {
  inputs: i32;
  outputs: i32;
  largestInput: i32;
  /** 1 where inputs of 0 are passed over. */
  sparse: i32;
  packed: usize;
  columnScales: usize;
  bias: usize;
}

export function productWorkBytes(N: i32, product: Product): i32 {
  const K = product.inputs;
  return product.sparse ? sparseScratchBytes(K) : N * (integerRowBytes(K) + 4);
}

/** output = activation(input * weight + bias), see `multiplyIntegers`; in place is allowed. */
export function multiplyProduct(N: i32, product: Product, activation: i32, input: usize, work: usize, output: usize): void {
  const K = product.inputs, M = product.outputs, largest = <f32>product.largestInput;
  const packed = product.packed, columnScales = product.columnScales, bias = product.bias;
  if (product.sparse) {
    multiplySparse(N, M, K, input, largest, packed, columnScales, bias, 0, activation, work, output);
    return;
  }
  const rowScales = work + <usize>N * <usize>integerRowBytes(K);
  roundRows(N, K, input, largest, work, rowScales);
  multiplyIntegers(N, M, K, work, rowScales, packed, columnScales, bias, activation, output);
}
