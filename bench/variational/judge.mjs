import { loadSource } from "../frame/index.mjs";
import { rowsOf } from "../mnist/digits.mjs";

const neighbours = 10;
/** Share of real test digits that each of the two conditions lets through. */
const share = 0.975;

/**
 * A judge of digits that has seen real ones: an image is accepted where its nearest real neighbour is near enough, and enough of its ten
 * nearest bear one label. Both thresholds are set on real test digits so that each lets 97.5 % of them through.
 */
export class Judge {
  static async create(real, labels, test) {
    const { loadKernels } = await loadSource();
    const judge = new Judge(await loadKernels(), real, labels);
    const measured = judge.measure(test);
    const sorted = (key) => measured.map((entry) => entry[key]).sort((a, b) => a - b);
    judge.mostDistant = sorted("distance")[Math.ceil(share * test.length) - 1];
    judge.fewestVotes = sorted("votes")[Math.floor((1 - share) * test.length)];
    return judge;
  }

  constructor(kernels, real, labels) {
    this.kernels = kernels;
    this.labels = labels;
    this.count = real.length;
    this.pixels = real[0].data.length;
    const { memory, call } = kernels;
    const rows = rowsOf(real);
    this.packed = memory.allocateFloats(call.packedLength(this.pixels, this.count));
    memory.scope(() => call.packTransposed(this.pixels, this.count, memory.place(rows), this.pixels, this.packed));
    this.squares = squaresOf(rows, this.pixels);
  }

  /** The share of images that are accepted. */
  accepts(images) {
    const accepted = this.measure(images).filter(
      ({ distance, votes }) => distance <= this.mostDistant && votes >= this.fewestVotes,
    );
    return accepted.length / images.length;
  }

  /** Root mean squared difference to the nearest real digit, and how many of the ten nearest bear the commonest label among them. */
  measure(images) {
    return images.map((image) => {
      const row = rowsOf([image]);
      const [square] = squaresOf(row, this.pixels);
      const distances = this.products(row).map((product, i) => this.squares[i] + square - 2 * product);
      const order = nearest(distances);
      const votes = new Array(10).fill(0);
      for (const i of order) votes[this.labels[i]]++;
      return { distance: Math.sqrt(Math.max(0, distances[order[0]]) / this.pixels), votes: Math.max(...votes) };
    });
  }

  /** Of a row with every real digit. */
  products(row) {
    const { call, memory } = this.kernels;
    const { count, pixels, packed } = this;
    return memory.scope(() => {
      const output = memory.allocateFloats(count);
      call.multiplyPacked(1, count, pixels, memory.place(row), pixels, packed, output, count, 0, 0, 0);
      return memory.f32(output, count).slice();
    });
  }
}

/** Indices of the smallest distances, the smallest first. */
function nearest(distances) {
  const order = [];
  distances.forEach((distance, i) => {
    if (order.length === neighbours && distance >= distances[order[neighbours - 1]]) return;
    const place = order.findIndex((other) => distance < distances[other]);
    order.splice(place < 0 ? order.length : place, 0, i);
    if (order.length > neighbours) order.pop();
  });
  return order;
}

const squaresOf = (rows, pixels) =>
  Float32Array.from({ length: rows.length / pixels }, (_, n) =>
    rows.subarray(n * pixels, (n + 1) * pixels).reduce((sum, value) => sum + value * value, 0),
  );
