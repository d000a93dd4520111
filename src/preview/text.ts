import { type Bytes, bytesIn, viewOf } from "../ground/byte-source.js";
import { expected, IsthmusError } from "../ground/errors.js";
import { anObject, checkOptions } from "../ground/option-table.js";
import { decodeBase64Url, encodeBase64Url } from "./base64url.js";
import { defaultPreviewModel } from "./embedded.js";
import { leastBytes, mostBytes } from "./frame.js";
import type { PreviewModel } from "./preview-network.js";

/**
 * A preview as text for attributes and JSON: base64url, 28 characters for 21 bytes. The text of another model than the embedded one starts with the
 * model's id and a point, so that it is never taken for one of the embedded model.
 */
export function previewToText(preview: Bytes, options: { readonly model?: PreviewModel } = {}): string {
  checkOptions(options, { model: anObject }, "previewToText");
  const bytes = bytesIn(preview, "preview");
  checkLength(bytes, "invalid-parameter");
  const text = encodeBase64Url(bytes);
  const embedded = defaultPreviewModel().id;
  const { id } = options.model ?? { id: embedded };
  return id === embedded ? text : `${id}.${text}`;
}

/** The bytes of a preview that came as bytes or as text. Throws `invalid-parameter`, `corrupt` or `model-mismatch`. */
export function previewBytes(preview: Bytes | string, { id }: PreviewModel): Uint8Array {
  if (typeof preview !== "string") {
    const view = viewOf(preview);
    if (!view) throw expected("a Uint8Array or its text", "preview", preview);
    checkLength(view, "corrupt");
    return view;
  }
  const parts = preview.split(".");
  const owner = parts.length === 2 ? parts[0] : defaultPreviewModel().id;
  const bytes = parts.length > 2 ? undefined : decodeBase64Url(parts[parts.length - 1]);
  if (!bytes)
    throw new IsthmusError("corrupt", `Expected base64url for preview but received "${preview.slice(0, 100)}"`);
  checkLength(bytes, "corrupt");
  if (owner !== id) {
    throw new IsthmusError("model-mismatch", `Expected a preview of model ${id} but received one of model ${owner}`);
  }
  return bytes;
}

function checkLength({ length }: Uint8Array, code: "corrupt" | "invalid-parameter"): void {
  if (length >= leastBytes && length <= mostBytes) return;
  throw new IsthmusError(code, `Expected ${leastBytes} to ${mostBytes} bytes for preview but received ${length}`);
}
