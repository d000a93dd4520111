/** The plain twin of assembly/sparse.ts. */

/** Rows of C elements with all but the `k` largest set to 0; of equals the first stay. */
export function keepLargest(input: Float32Array, C: number, k: number): Float32Array {
  const output = new Float32Array(input.length);
  for (let start = 0; start < input.length; start += C) {
    const order = Array.from({ length: C }, (_, c) => c).sort((a, b) => input[start + b] - input[start + a] || a - b);
    for (const c of order.slice(0, k)) output[start + c] = input[start + c];
  }
  return output;
}

export const passActive = (code: Float32Array, gradient: Float32Array): Float32Array =>
  gradient.map((value, i) => (code[i] === 0 ? 0 : value));
