/**
 * A sender's choice of symbols as they are predicted: where the bits that the neighbour towards the prediction saves are worth more than its error, it is taken (rate-distortion
 * optimised quantization; a dead zone that knows the density).
 */

/**
 * Row n of C latents belongs to the cell cells[n] of three grids with `stride` floats a cell: unrounded latents, their symbols (rounded to the nearest), and symbol * gain[c]. Of the
 * centred symbols -16 .. 15 (see `centreSymbols`) of each table, `savings` says how many bits one step towards 0 saves, and `centroids` how far the reconstruction lies from the
 * symbol, times share[c]. Each symbol takes that step where the squared error grows by less than `worth` times the bits. Latents that are 0 stay as they are.
 */
export function chooseSymbols(
  N: i32, C: i32, latents: usize, mean: usize, tables: usize, savings: usize, centroids: usize, share: usize, gain: usize,
  worth: f32, cells: usize, stride: i32, symbols: usize, dequantized: usize,
): void {
  for (let n = 0; n < N; n++, cells += 4) {
    const row = <usize>load<i32>(cells) * <usize>stride << 2;
    for (let c = 0; c < C; c++, mean += 4, tables++) {
      const column = <usize>c << 2, at = row + column;
      const latent = load<f32>(latents + at), predicted = load<f32>(mean);
      const near = nearest<f32>(predicted);
      const sign: i32 = predicted < near ? -1 : 1;
      const centred = (load<i32>(symbols + at) - <i32>near) * sign;
      if (centred == 0 || centred < -16 || centred > 15 || latent == 0) continue;
      const entry = (<usize>load<u8>(tables) << 7) + (<usize>(centred + 16) << 2);
      const saved = load<f32>(savings + entry);
      if (!(saved > 0)) continue;
      const step: i32 = centred > 0 ? -1 : 1;
      const shares = load<f32>(share + column);
      const centroid = centroids + entry;
      const value = (latent - near) * <f32>sign - <f32>centred;
      const error = value - load<f32>(centroid) * shares;
      const otherError = value - <f32>step - load<f32>(centroid + (<usize>step << 2)) * shares;
      if (!(otherError * otherError - error * error < worth * saved)) continue;
      const symbol = load<i32>(symbols + at) + step * sign;
      store<i32>(symbols + at, symbol);
      store<f32>(dequantized + at, <f32>symbol * load<f32>(gain + column));
    }
  }
}
