import { useSignal } from "@preact/signals";
import type { ComponentChildren, TargetedPointerEvent } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Pixels } from "../parts/pixels.js";
import { PaintLayer } from "./paint-layer.js";
import { fitted, mostZoom, moveBy, type Zoom, zoomBy } from "./zoom.js";

export interface ViewedSide {
  readonly label: string;
  readonly image: ImageData | undefined;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

const panStep = 0.08;
const zoomStep = 1.5;

/** Two pictures of one size over each other, with a line between them that can be moved; both zoom together. */
export function Viewer({
  left,
  right,
  canPaint,
  children,
}: {
  left: ViewedSide;
  right: ViewedSide;
  canPaint: boolean;
  children?: ComponentChildren;
}) {
  const split = useSignal(50);
  const zoom = useSignal<Zoom>(fitted);
  const frame = useRef<HTMLElement>(null);
  const pointers = useRef(new Map<number, Point>());
  /** Where the line was before the finger that moves it; undefined while none does. */
  const splitBefore = useRef<number | undefined>(undefined);
  const size = right.image ?? left.image;
  const shape = size ? `${size.width}x${size.height}` : "";

  useEffect(() => {
    zoom.value = fitted;
  }, [shape, zoom]);

  // Passive listeners, which the framework would add, could not keep the page from zooming along.
  useEffect(() => {
    const element = frame.current!;
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoom.value = zoomBy(zoom.value, Math.exp(-event.deltaY / 150), partOf(element, event));
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [zoom]);

  const onPointerDown = (event: TargetedPointerEvent<HTMLElement>) => {
    if (event.button !== 0 || (event.target as Element).closest("button")) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    pointers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const box = event.currentTarget.getBoundingClientRect();
    const distance = Math.abs(event.clientX - box.left - (split.value / 100) * box.width);
    if (pointers.current.size > 1) {
      // Two fingers zoom: the first of them was not meant for the line.
      split.value = splitBefore.current ?? split.value;
      splitBefore.current = undefined;
    } else if (zoom.value.scale === 1 || distance < 28) {
      splitBefore.current = split.value;
      split.value = percentOf(event);
    }
  };

  const onPointerMove = (event: TargetedPointerEvent<HTMLElement>) => {
    const before = pointers.current.get(event.pointerId);
    if (!before) return;
    const box = event.currentTarget.getBoundingClientRect();
    const now = { x: event.clientX, y: event.clientY };
    const other = [...pointers.current].find(([id]) => id !== event.pointerId)?.[1];
    pointers.current.set(event.pointerId, now);
    const delta = { x: (now.x - before.x) / box.width, y: (now.y - before.y) / box.height };
    if (other) {
      const factor = distanceOf(now, other) / Math.max(1, distanceOf(before, other));
      const middle = partOf(event.currentTarget, { clientX: (now.x + other.x) / 2, clientY: (now.y + other.y) / 2 });
      zoom.value = moveBy(zoomBy(zoom.value, factor, middle), delta.x / 2, delta.y / 2);
    } else if (splitBefore.current !== undefined) split.value = percentOf(event);
    else zoom.value = moveBy(zoom.value, delta.x, delta.y);
  };

  const onPointerEnd = (event: TargetedPointerEvent<HTMLElement>) => {
    pointers.current.delete(event.pointerId);
    splitBefore.current = undefined;
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const next = keyedZoom(event, zoom.value);
    if (!next) return;
    event.preventDefault();
    zoom.value = next;
  };

  const { scale, x, y } = zoom.value;
  const stage = {
    transform: `translate(${x * 100}%, ${y * 100}%) scale(${scale})`,
    ...(scale >= 4 && { imageRendering: "pixelated" }),
  } as const;
  const percent = `${(scale * 100).toFixed(0)} %`;
  return (
    <section
      ref={frame}
      class={`viewer${scale > 1 ? " zoomed" : ""}`}
      aria-label="Pictures side by side"
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerEnd}
      onPointerCancel={onPointerEnd}
    >
      <div class="layer">{left.image && <Stage image={left.image} label={`${left.label}, left`} style={stage} />}</div>
      <div class="layer" style={{ clipPath: `inset(0 0 0 ${split.value}%)` }}>
        {right.image && <Stage image={right.image} label={`${right.label}, right`} style={stage} />}
      </div>
      {size && canPaint && <PaintLayer size={size} zoom={zoom.value} style={stage} />}
      {size && (
        <>
          <input
            class="split"
            type="range"
            min="0"
            max="100"
            step="1"
            value={Math.round(split.value)}
            aria-label="Where the two pictures meet"
            aria-description="Plus and minus zoom, 0 fits, shift and arrows move the picture"
            onInput={(event) => {
              split.value = event.currentTarget.valueAsNumber;
            }}
            onKeyDown={onKeyDown}
          />
          <div class="divider" style={{ left: `${split.value}%` }} aria-hidden="true">
            <span class="grip" />
          </div>
          {left.image && <span class="tag tag-left">{left.label}</span>}
          {right.image && <span class="tag tag-right">{right.label}</span>}
          <div class="zoom-buttons">
            <button
              type="button"
              aria-label="Zoom out"
              disabled={scale <= 1}
              onClick={() => {
                zoom.value = zoomBy(zoom.value, 1 / zoomStep);
              }}
            >
              −
            </button>
            <button
              type="button"
              aria-label={`${percent}, fit the picture`}
              onClick={() => {
                zoom.value = fitted;
              }}
            >
              {percent}
            </button>
            <button
              type="button"
              aria-label="Zoom in"
              disabled={scale >= mostZoom}
              onClick={() => {
                zoom.value = zoomBy(zoom.value, zoomStep);
              }}
            >
              +
            </button>
          </div>
        </>
      )}
      {children}
    </section>
  );
}

function Stage({ image, label, style }: { image: ImageData; label: string; style: Record<string, string> }) {
  return (
    <div class="stage" style={style}>
      <Pixels image={image} label={label} />
    </div>
  );
}

function keyedZoom({ key, shiftKey }: KeyboardEvent, zoom: Zoom): Zoom | undefined {
  if (key === "+" || key === "=") return zoomBy(zoom, zoomStep);
  if (key === "-") return zoomBy(zoom, 1 / zoomStep);
  if (key === "0") return fitted;
  if (!shiftKey) return undefined;
  const step = panStep * zoom.scale;
  if (key === "ArrowLeft") return moveBy(zoom, step, 0);
  if (key === "ArrowRight") return moveBy(zoom, -step, 0);
  if (key === "ArrowUp") return moveBy(zoom, 0, step);
  return key === "ArrowDown" ? moveBy(zoom, 0, -step) : undefined;
}

const distanceOf = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

/** A point in parts of the frame's size from its centre. */
function partOf(element: Element, { clientX, clientY }: { clientX: number; clientY: number }): Point {
  const { left, top, width, height } = element.getBoundingClientRect();
  return { x: (clientX - left) / width - 0.5, y: (clientY - top) / height - 0.5 };
}

function percentOf({ currentTarget, clientX }: TargetedPointerEvent<HTMLElement>): number {
  const { left, width } = currentTarget.getBoundingClientRect();
  return Math.min(100, Math.max(0, ((clientX - left) / width) * 100));
}
