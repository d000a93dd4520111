import { randomOf } from "./random.js";

const side = 28;
const fonts = ["Georgia, serif", "system-ui, sans-serif", "ui-monospace, monospace", "cursive", "Verdana, sans-serif"];

/** Small grey pictures of digits in several hands: white on black, turned, slanted and moved a little. */
export function drawDigits(count: number, seed: number): ImageData[] {
  const random = randomOf(seed);
  const canvas = document.createElement("canvas");
  canvas.width = side;
  canvas.height = side;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("There is not enough memory for a picture.");
  context.textAlign = "center";
  context.textBaseline = "middle";
  const around = (spread: number): number => (random() - 0.5) * spread;
  return Array.from({ length: count }, (_, i) => {
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = "#000";
    context.fillRect(0, 0, side, side);
    const turn = around(0.3);
    const scale = 1 + around(0.2);
    context.setTransform(
      scale,
      turn * scale,
      (around(0.3) - turn) * scale,
      scale,
      side / 2 + around(2),
      side / 2 + around(2),
    );
    context.font = `${random() < 0.5 ? 700 : 400} 23px ${fonts[Math.floor(random() * fonts.length)]}`;
    context.fillStyle = "#fff";
    context.fillText(String(i % 10), 0, 1);
    return context.getImageData(0, 0, side, side);
  });
}
