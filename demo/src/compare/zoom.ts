/** Where a picture lies in its frame: scaled about the frame's centre, then moved by x and y (parts of the frame's size). */
export interface Zoom {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export const fitted: Zoom = { scale: 1, x: 0, y: 0 };
export const mostZoom = 16;

/** Keeps the frame filled: at a scale of s, a picture may move by half of s - 1 either way. */
function within({ scale, x, y }: Zoom): Zoom {
  const most = (scale - 1) / 2;
  return { scale, x: Math.min(most, Math.max(-most, x)), y: Math.min(most, Math.max(-most, y)) };
}

/** Scales about a point of the frame, given in parts of its size from its centre. */
export function zoomBy({ scale, x, y }: Zoom, factor: number, at: { x: number; y: number } = { x: 0, y: 0 }): Zoom {
  const next = Math.min(mostZoom, Math.max(1, scale * factor));
  const ratio = next / scale;
  return within({ scale: next, x: at.x - (at.x - x) * ratio, y: at.y - (at.y - y) * ratio });
}

export const moveBy = ({ scale, x, y }: Zoom, dx: number, dy: number): Zoom => within({ scale, x: x + dx, y: y + dy });
