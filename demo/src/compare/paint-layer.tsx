import { useSignal } from "@preact/signals";
import type { ImportanceMap } from "isthmus";
import type { TargetedPointerEvent } from "preact";
import { useRef } from "preact/hooks";
import { Pixels } from "../parts/pixels.js";
import { isPainted, isPainting, type Point, painting, withLine } from "./painting.js";
import type { Zoom } from "./zoom.js";

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Over the pictures of a viewer: shows what is painted, and takes the strokes of a brush while `isPainting`. */
export function PaintLayer({ size, zoom, style }: { size: Size; zoom: Zoom; style: Record<string, string> }) {
  /** The map with the stroke under way. */
  const stroke = useSignal<ImportanceMap | undefined>(undefined);
  const last = useRef<Point | undefined>(undefined);
  const map = stroke.value ?? painting.value;

  const goOn = (event: TargetedPointerEvent<HTMLElement>) => {
    event.stopPropagation();
    if (!last.current) return;
    const next = pointOf(event, size, zoom);
    stroke.value = withLine(map, size, last.current, next);
    last.current = next;
  };
  const begin = (event: TargetedPointerEvent<HTMLElement>) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    last.current = pointOf(event, size, zoom);
    goOn(event);
  };
  const end = (event: TargetedPointerEvent<HTMLElement>) => {
    event.stopPropagation();
    if (stroke.value) painting.value = stroke.value;
    stroke.value = undefined;
    last.current = undefined;
  };

  return (
    <div
      class={`painting${isPainting.value ? " active" : ""}`}
      onPointerDown={begin}
      onPointerMove={goOn}
      onPointerUp={end}
      onPointerCancel={end}
    >
      {map && isPainting.value && (
        <div class="stage" style={style}>
          <Pixels image={overlayOf(map, size)} class="overlay" />
        </div>
      )}
    </div>
  );
}

/** Where a pointer is, in parts of the sides of a picture that is fitted into the viewer and zoomed. */
function pointOf(event: TargetedPointerEvent<HTMLElement>, { width, height }: Size, { scale, x, y }: Zoom): Point {
  const box = event.currentTarget.getBoundingClientRect();
  const fit = Math.min(box.width / width, box.height / height);
  const part = (at: number, start: number, length: number, shift: number, side: number): number =>
    ((((at - start) / length - 0.5 - shift) / scale) * length) / (side * fit) + 0.5;
  return {
    x: part(event.clientX, box.left, box.width, x, width),
    y: part(event.clientY, box.top, box.height, y, height),
  };
}

/** A picture in the shape of the one that is painted on, tinted where it is painted. */
function overlayOf(map: ImportanceMap, size: Size): ImageData {
  const shrink = Math.min(1, 512 / Math.max(size.width, size.height));
  const [width, height] = [size.width, size.height].map((side) => Math.max(1, Math.round(side * shrink)));
  const image = new ImageData(width, height);
  for (let y = 0, at = 0; y < height; y++) {
    const row = Math.floor((y * map.height) / height) * map.width;
    for (let x = 0; x < width; x++, at += 4) {
      if (isPainted(map, row + Math.floor((x * map.width) / width))) image.data.set([255, 190, 40, 110], at);
    }
  }
  return image;
}
