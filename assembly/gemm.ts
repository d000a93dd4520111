// placeholder, plain
export function packedLength(K: i32, M: i32): i32 {
  return ((M + 7) & ~7) * K;
}
export function packMatrix(K: i32, M: i32, matrix: usize, rowStride: i32, columnStride: i32, packed: usize): void {
  for (let m = 0; m < M; m += 8)
    for (let k = 0; k < K; k++)
      for (let c = 0; c < 8; c++, packed += 4)
        store<f32>(
          packed,
          m + c < M ? load<f32>(matrix + ((<usize>(k * rowStride + (m + c) * columnStride)) << 2)) : 0,
        );
}
export function multiplyPacked(
  N: i32,
  M: i32,
  K: i32,
  input: usize,
  inputStride: i32,
  packed: usize,
  output: usize,
  outputStride: i32,
  bias: usize,
  activation: i32,
  accumulate: i32,
): void {
  for (let n = 0; n < N; n++)
    for (let m = 0; m < M; m++) {
      const out = output + ((<usize>(n * outputStride + m)) << 2);
      let sum: f32 = accumulate ? load<f32>(out) : bias ? load<f32>(bias + ((<usize>m) << 2)) : 0;
      for (let k = 0; k < K; k++)
        sum +=
          load<f32>(input + ((<usize>(n * inputStride + k)) << 2)) *
          load<f32>(packed + ((<usize>(((m >> 3) * K + k) * 8 + (m & 7))) << 2));
      if (activation == 1) sum = max<f32>(sum, 0);
      store<f32>(out, sum);
    }
}
export function multiplyTransposed(
  N: i32,
  M: i32,
  K: i32,
  left: usize,
  leftStride: i32,
  right: usize,
  rightStride: i32,
  output: usize,
  outputStride: i32,
  accumulate: i32,
): void {
  for (let k = 0; k < K; k++)
    for (let m = 0; m < M; m++) {
      const out = output + ((<usize>(k * outputStride + m)) << 2);
      let sum: f32 = accumulate ? load<f32>(out) : 0;
      for (let n = 0; n < N; n++)
        sum +=
          load<f32>(left + ((<usize>(n * leftStride + k)) << 2)) *
          load<f32>(right + ((<usize>(n * rightStride + m)) << 2));
      store<f32>(out, sum);
    }
}
