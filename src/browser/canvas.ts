import { IsthmusError } from "../errors.js";

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
