import { total } from "./range-coder.js";

/** Shapes that previews can have, as width over height, with their shares: the usual ones of cameras and screens, and steps of 4 % up to 32. */
const usual: readonly (readonly [number, number])[] = [
  [4 / 3, 5],
  [3 / 2, 5],
  [16 / 9, 4],
  [5 / 4, 1.5],
  [2, 1],
  [16 / 10, 0.7],
  [21 / 9, 0.5],
  [1, 10],
];
const rare = 0.12;

interface Shape {
  readonly aspect: number;
  readonly begin: number;
  readonly end: number;
}

export const shapes: readonly Shape[] = makeShapes();

function makeShapes(): Shape[] {
  const landscape = usual.slice();
  for (let ratio = 1.04, i = 0; i < 89; ratio *= 1.04, i++) {
    const near = usual.some(([aspect]) => aspect / ratio < 1.02 && ratio / aspect < 1.02);
    // Extremes are rarer still.
    if (!near) landscape.push([ratio, ratio < 3 ? rare : rare / 8]);
  }
  const both = landscape.flatMap(([aspect, share]) =>
    aspect === 1
      ? [[aspect, share]]
      : [
          [aspect, share],
          [1 / aspect, share],
        ],
  );
  const sum = both.reduce((total, [, share]) => total + share, 0);
  let begin = 0;
  return both.map(([aspect, share], i) => {
    const end = i === both.length - 1 ? total : begin + Math.floor((share / sum) * total);
    const shape = { aspect, begin, end };
    begin = end;
    return shape;
  });
}

/** Index of the shape nearest to a size. */
export function nearestShape(width: number, height: number): number {
  const aspect = width / height;
  const distance = (other: number): number => Math.max(aspect / other, other / aspect);
  return shapes.reduce((best, { aspect: other }, i) => (distance(other) < distance(shapes[best].aspect) ? i : best), 0);
}
