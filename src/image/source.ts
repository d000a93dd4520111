import type { Bytes } from "../ground/byte-source.js";
import type { Image } from "./image.js";

/** What a global class makes, where the engine's type library has that class: browsers have, Node has not. */
export type InstanceOf<Name extends string> =
  typeof globalThis extends Record<Name, { prototype: infer Instance }> ? Instance : never;

/** Anything of a browser that shows pixels: a file in whatever it comes, a canvas, an element, a frame of a video. */
export type PixelSource =
  | Image
  | Bytes
  | InstanceOf<"Blob">
  | InstanceOf<"Response">
  | InstanceOf<"ImageData">
  | InstanceOf<"ImageBitmap">
  | InstanceOf<"VideoFrame">
  | InstanceOf<"OffscreenCanvas">
  | InstanceOf<"HTMLCanvasElement">
  | InstanceOf<"HTMLImageElement">
  | InstanceOf<"HTMLVideoElement">;

/** The classes of what a canvas can draw. */
export const drawables = [
  "ImageBitmap",
  "VideoFrame",
  "OffscreenCanvas",
  "HTMLCanvasElement",
  "HTMLImageElement",
  "HTMLVideoElement",
] as const;
