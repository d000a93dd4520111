import { randomOf } from "./random.js";

/** Draws a coast at dusk: a sky, a sun, ridges, the sea and its glitter. The seed decides its hour and its shape. */
export function drawCoast(seed: number, width: number, height: number): ImageData {
  const random = randomOf(Math.imul(seed + 1, 0x9e3779b1));
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error(`There is not enough memory for ${width} × ${height} pixels.`);
  const hue = 185 + random() * 50;
  const warmth = 12 + random() * 30;
  const horizon = height * (0.5 + random() * 0.16);
  const fill = (style: string | CanvasGradient, draw: () => void) => {
    context.fillStyle = style;
    context.beginPath();
    draw();
    context.fill();
  };

  const sky = context.createLinearGradient(0, 0, 0, horizon);
  sky.addColorStop(0, `hsl(${hue} 45% ${26 + random() * 18}%)`);
  sky.addColorStop(0.7, `hsl(${warmth + 12} 62% 74%)`);
  sky.addColorStop(1, `hsl(${warmth} 80% 82%)`);
  fill(sky, () => context.rect(0, 0, width, horizon));

  const sun = {
    x: width * (0.15 + random() * 0.7),
    y: horizon - height * (0.05 + random() * 0.16),
    r: height * (0.035 + random() * 0.03),
  };
  const glow = context.createRadialGradient(sun.x, sun.y, sun.r * 0.5, sun.x, sun.y, sun.r * 6);
  glow.addColorStop(0, `hsl(${warmth + 18} 95% 86% / 0.9)`);
  glow.addColorStop(1, `hsl(${warmth + 18} 95% 80% / 0)`);
  fill(glow, () => context.rect(0, 0, width, horizon));
  fill(`hsl(${warmth + 24} 100% 93%)`, () => context.arc(sun.x, sun.y, sun.r, 0, 2 * Math.PI));

  const ridges = 3 + Math.floor(random() * 3);
  for (let ridge = 0; ridge < ridges; ridge++) {
    const depth = (ridge + 1) / ridges;
    const waves = Array.from({ length: 7 }, (_, i) => ({
      rate: (i + 1) ** 1.35 * (1.2 + random()),
      phase: random() * 6.3,
      rise: (0.11 / (i + 1)) * (0.4 + random()),
    }));
    fill(`hsl(${hue - 6} ${18 + 16 * depth}% ${62 - 44 * depth}%)`, () => {
      context.moveTo(0, horizon);
      for (let x = 0; x <= width; x += Math.max(1, width / 512)) {
        const t = x / width;
        const rise = waves.reduce((sum, { rate, phase, rise }) => sum + rise * Math.sin(rate * t * 3 + phase), 0.1);
        context.lineTo(x, horizon - Math.max(0, rise) * height * (0.62 - 0.3 * depth));
      }
      context.lineTo(width, horizon);
    });
  }

  const sea = context.createLinearGradient(0, horizon, 0, height);
  sea.addColorStop(0, `hsl(${hue} 40% 60%)`);
  sea.addColorStop(0.25, `hsl(${hue} 52% 38%)`);
  sea.addColorStop(1, `hsl(${hue + 10} 58% 17%)`);
  fill(sea, () => context.rect(0, horizon, width, height - horizon));

  const strokes = Math.round((width * height) / 420);
  for (let i = 0; i < strokes; i++) {
    const depth = random() ** 1.6;
    const y = horizon + depth * (height - horizon);
    const under = Math.abs(random() + random() - 1) < 0.5 && random() < 0.45;
    const x = under ? sun.x + (random() - 0.5) * (sun.r * 3 + depth * width * 0.25) : random() * width;
    const length = (0.006 + 0.03 * depth) * width * (0.4 + random());
    const light = under
      ? `hsl(${warmth + 20} 95% 88% / ${0.5 * random()})`
      : `hsl(${hue} 50% ${random() < 0.5 ? 72 : 12}% / ${0.16 * random()})`;
    fill(light, () =>
      context.ellipse(x, y, length, Math.max(0.5, height * 0.0012 * (1 + 3 * depth)), 0, 0, 2 * Math.PI),
    );
  }
  return context.getImageData(0, 0, width, height);
}
