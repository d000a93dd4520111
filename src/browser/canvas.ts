import { IsthmusError } from "../ground/errors.js";

type Canvas = HTMLCanvasElement | OffscreenCanvas;
type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** A canvas that is not shown: workers have but one kind of it, older browsers the other. */
export function makeCanvas(width: number, height: number): Canvas {
  if (typeof OffscreenCanvas === "function") return new OffscreenCanvas(width, height);
  if (typeof document !== "object") {
    throw new IsthmusError(
      "unsupported-engine",
      "Expected a canvas for reading or writing pixels but this engine has none",
    );
  }
  return Object.assign(document.createElement("canvas"), { width, height });
}

export function context2d(canvas: Canvas): Context {
  const context = canvas.getContext("2d", { willReadFrequently: true, colorSpace: "srgb" }) as Context | null;
  if (!context) {
    throw new IsthmusError("unsupported-engine", `Could not get a canvas of ${canvas.width} x ${canvas.height} pixels`);
  }
  return context;
}

/** Throws `unsupported-engine` for a canvas that is more than the browser has: it would stay blank without a word. Draws into its last pixel. */
export function checkCanvas(context: Context, { width, height }: { width: number; height: number }): void {
  context.fillRect(width - 1, height - 1, 1, 1);
  if (context.getImageData(width - 1, height - 1, 1, 1).data[3] === 255) return;
  throw new IsthmusError(
    "unsupported-engine",
    `Expected a canvas of ${width} x ${height} pixels but this browser has none of that size`,
  );
}
