import { uniforms } from "../frame/statistics.mjs";

const classes = 10;

/**
 * A linear softmax classifier of sparse vectors, by stochastic gradient descent on cross-entropy, one example a step; the rate falls in a straight
 * line to 0. Vectors are brought to a mean square length of 1 first, so that one rate suits all codes.
 */
export class Softmax {
  constructor(features, examples) {
    this.weights = new Float64Array((features + 1) * classes);
    this.scores = new Float64Array(classes);
    this.bias = features;
    const squares = examples.reduce((sum, { values }) => sum + values.reduce((s, v) => s + v * v, 0), 0);
    this.scale = Math.sqrt(examples.length / squares);
  }

  train(examples, labels, { epochs, rate, seed = 1 }) {
    const order = Uint32Array.from(examples.keys());
    const random = uniforms(seed);
    const steps = epochs * examples.length;
    for (let step = 0; step < steps; step++) {
      const at = step % examples.length;
      if (at === 0) shuffle(order, random);
      this.step(examples[order[at]], labels[order[at]], rate * (1 - step / steps));
    }
    return this;
  }

  /** Share of the examples that it takes for something else. */
  error(examples, labels) {
    const wrong = examples.filter((example, i) => {
      const scores = this.score(example);
      return scores.indexOf(Math.max(...scores)) !== labels[i];
    });
    return wrong.length / examples.length;
  }

  step(example, label, rate) {
    const { scores } = this;
    this.score(example);
    const most = Math.max(...scores);
    let total = 0;
    for (let c = 0; c < classes; c++) total += scores[c] = Math.exp(scores[c] - most);
    for (let c = 0; c < classes; c++) scores[c] = rate * ((c === label ? 1 : 0) - scores[c] / total);
    const { units, values } = example;
    for (let i = 0; i < units.length; i++) this.add(units[i], values[i] * this.scale);
    this.add(this.bias, 1);
  }

  add(feature, value) {
    const { weights, scores } = this;
    for (let c = 0, w = feature * classes; c < classes; c++, w++) weights[w] += scores[c] * value;
  }

  /** Into `scores`. */
  score({ units, values }) {
    const { weights, scores, scale, bias } = this;
    for (let c = 0; c < classes; c++) scores[c] = weights[bias * classes + c];
    for (let i = 0; i < units.length; i++) {
      const value = values[i] * scale;
      for (let c = 0, w = units[i] * classes; c < classes; c++, w++) scores[c] += weights[w] * value;
    }
    return scores;
  }
}

/** Trains at each setting without the held-out examples, which choose; then once more on all at the best. */
export function chooseAndTrain(features, examples, labels, { heldOut, settings }) {
  const split = examples.length - heldOut;
  const [learning, judging] = [examples.slice(0, split), examples.slice(split)];
  const tried = settings.map((setting) => {
    const classifier = new Softmax(features, learning).train(learning, labels, setting);
    return { ...setting, heldOutError: classifier.error(judging, labels.subarray(split)) };
  });
  const best = tried.reduce((a, b) => (b.heldOutError < a.heldOutError ? b : a));
  return { classifier: new Softmax(features, examples).train(examples, labels, best), setting: best };
}

function shuffle(order, random) {
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
}
