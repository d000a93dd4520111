/** What an element takes its place by. */
export interface Layout {
  /** The attributes `width` and `height`. */
  readonly width: string | null;
  readonly height: string | null;
  /** Of the picture, in pixels of CSS; undefined while it is not known. */
  readonly natural: { readonly width: number; readonly height: number } | undefined;
  readonly state: "empty" | "loading" | "loaded" | "failed";
}

/**
 * The rules of every element: they lie below those of the page, as a browser's own for `<img>` do. The picture fills the box; what gives the box its natural
 * width is a line of no height.
 */
export const sharedRules = `
:host { display: inline-block; width: fit-content; position: relative; overflow: clip; min-width: 0; min-height: 0; vertical-align: baseline }
:host([hidden]) { display: none }
canvas { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: inherit; object-position: inherit }
div { height: 0 }
slot { display: none }`;

/** The rules of one element. */
export function rulesOf({ width, height, natural, state }: Layout): string {
  const [asked, askedHeight] = [dimension(width), dimension(height)];
  const ratio =
    natural ?? (isPixels(asked) && isPixels(askedHeight) ? { width: asked, height: askedHeight } : undefined);
  const hasBox = state !== "failed" && ratio;
  const host = [
    asked && `width: ${asked}`,
    askedHeight && `height: ${askedHeight}`,
    hasBox && `aspect-ratio: auto ${Number.parseFloat(`${ratio.width}`)} / ${Number.parseFloat(`${ratio.height}`)}`,
    state === "loading" && "background: var(--isth-placeholder, none)",
  ];
  const shown = state === "failed" ? "canvas { display: none } slot { display: inline }" : "";
  const line = hasBox && natural ? `div { width: ${natural.width}px }` : "";
  return `:host { ${host.filter(Boolean).join("; ")} } ${shown} ${line}`;
}

/** A length from an attribute, as HTML reads it: `320` or `50%`. */
function dimension(value: string | null): string | undefined {
  const [, number, unit] = /^\s*(\d+(?:\.\d+)?)(%?)/.exec(value ?? "") ?? [];
  return number && `${number}${unit || "px"}`;
}

const isPixels = (length: string | undefined): length is string => /[1-9].*px$/.test(length ?? "");
