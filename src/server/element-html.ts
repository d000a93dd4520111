import { rulesOf, sharedRules } from "../element/layout.js";
import { aText, checkOptions, type OptionTable } from "../ground/option-table.js";
import { previewToDataURL } from "../preview.js";
import type { PictureFacts } from "./picture-facts.js";

/** Attributes of an image element, by their names in HTML. */
export interface ImageAttributes {
  /** What the picture shows; empty for decoration. */
  readonly alt: string;
  readonly sizes?: string | undefined;
  readonly loading?: string | undefined;
  readonly class?: string | undefined;
  readonly id?: string | undefined;
  /** The address of the model, where it is neither the picture's nor the one that comes with the package: `/photos/model.isthm`. */
  readonly model?: string | undefined;
  /** Pixels that it takes, where they are not the picture's own. */
  readonly width?: string | undefined;
  readonly height?: string | undefined;
}

const kinds: OptionTable<ImageAttributes> = {
  alt: aText,
  sizes: aText,
  loading: aText,
  class: aText,
  id: aText,
  model: aText,
  width: aText,
  height: aText,
};

/**
 * The HTML of an `<isth-img>`, as a server writes it: the picture's place is there before any script, with the preview in it. Where scripts do not run, and
 * where decoding fails, there is an `<img>`. Throws `invalid-parameter`.
 */
export function isthImage(picture: PictureFacts, attributes: ImageAttributes): string {
  const {
    alt,
    sizes,
    loading,
    width,
    height,
    model = picture.model,
    ...others
  } = checkOptions(attributes, kinds, "isthImage");
  const side = width === undefined && height === undefined ? picture : { width, height };
  const size = { width: text(side.width), height: text(side.height) };
  const common = { sizes: sizes ?? sizesOf(size.width), alt: alt ?? "", ...size, loading };
  const { src, srcset } = picture;
  const placeholder = `--isth-placeholder:url(${previewToDataURL(picture.preview)}) center/100% 100% no-repeat`;
  const rules = rulesOf({
    width: size.width ?? null,
    height: size.height ?? null,
    natural: { width: picture.width, height: picture.height },
    state: "loading",
  });
  const image = tag("img", { ...(picture.fallback ?? { src, srcset }), ...common, ...others });
  // The slot holds the image of those who have no scripts, in the place that the picture would have.
  const inside = "slot{display:contents}::slotted(noscript){display:contents}";
  return [
    tag("isth-img", { src, srcset, ...common, model, ...others, style: placeholder }),
    `<template shadowrootmode="open"><style>${sharedRules}${rules}${inside}</style><div></div><slot></slot></template>`,
    `<template>${image}</template><noscript>${image}</noscript></isth-img>`,
  ].join("");
}

/** As wide as the attribute says, where the window is; a browser would choose for the whole window. */
const sizesOf = (width: string | undefined): string | undefined =>
  width && /^\d+$/.test(width) ? `(max-width: ${width}px) 100vw, ${width}px` : undefined;

const text = (value: string | number | undefined): string | undefined => (value === undefined ? undefined : `${value}`);

function tag(name: string, attributes: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return `<${[name, ...given.map(([key, value]) => `${key}="${escaped(value!)}"`)].join(" ")}>`;
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (value: string): string => value.replace(/[&<>"]/g, (character) => entities[character]);
