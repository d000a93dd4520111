interface TrendProps {
  readonly label: string;
  readonly unit: string;
  readonly values: readonly number[];
  readonly digits: number;
}

const size = { width: 240, height: 64 };
/** The first reports are so far from the rest that they would flatten it. */
const settled = 0.03;

/** A figure and how it has come about: the newest value in words, all of them as a line. */
export function Trend({ label, unit, values, digits }: TrendProps) {
  const shown = values.slice(Math.floor(values.length * settled));
  const latest = values.at(-1);
  const [low, high] = [Math.min(...shown), Math.max(...shown)];
  const range = high - low || 1;
  const points = shown.map((value, i) => {
    const x = (i / Math.max(1, shown.length - 1)) * size.width;
    const y = 3 + (1 - (value - low) / range) * (size.height - 6);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return (
    <figure class="trend">
      <figcaption>
        {label}
        <strong>
          {latest === undefined ? "–" : latest.toFixed(digits)} <small>{unit}</small>
        </strong>
      </figcaption>
      <svg viewBox={`0 0 ${size.width} ${size.height}`} preserveAspectRatio="none" aria-hidden="true">
        {points.length > 1 && <polyline points={points.join(" ")} />}
      </svg>
    </figure>
  );
}
