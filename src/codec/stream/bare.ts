import { concatenate } from "../../ground/bytes.js";
import { IsthmusError } from "../../ground/errors.js";
import { checkHead, checkQuality, headByte, partsOf } from "./container.js";
import { decodeFields, encodeFields } from "./fields.js";
import type { PayloadForm } from "./payload.js";
import type { PayloadParts } from "./payloads.js";

/**
 * A bare frame, for channels whose two ends agree on model, size and colour beforehand: the fields of a payload, symbols without a seal. Where they are not
 * those of latents without flags, a head and this byte, which symbols never begin with, come first. Nothing detects damage but the coders
 * themselves, and alpha cannot be carried.
 */
const mark = 0;

const fieldsOf = ({ head, body }: PayloadForm) => [...head, ...body];

/** The flags of what lies beside a payload, and of sides that differ. */
const beside = 0x87;

/** @throws IsthmusError `invalid-parameter` for a quality level out of range. */
export function writeBare(payload: PayloadParts): Uint8Array {
  checkQuality(payload);
  const head = headByte(payload);
  const fields = encodeFields(fieldsOf(partsOf(head).form), payload);
  return concatenate(head ? [Uint8Array.of(head, mark), ...fields] : fields);
}

/** The payload of a bare frame, in views. @throws IsthmusError `truncated` for an empty frame or one without symbols, `unsupported-version` for a head that is none */
export function readBare(bytes: Uint8Array): PayloadParts {
  if (bytes.length < 2) {
    throw new IsthmusError("truncated", `Expected at least 2 bytes for a bare frame but received ${bytes.length}`);
  }
  const isMarked = bytes[1] === mark;
  const head = isMarked ? bytes[0] : 0;
  checkHead(head & beside ? 255 : head);
  const { form, parts } = partsOf(head);
  decodeFields(fieldsOf(form), isMarked ? bytes.subarray(2) : bytes, parts);
  return parts as unknown as PayloadParts;
}
