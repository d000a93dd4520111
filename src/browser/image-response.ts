import { expected } from "../ground/errors.js";
import { isA } from "../ground/is-a.js";
import { type BlobOptions, checkDecoder, type ImageDecoder, toBlob } from "./write-image.js";

/**
 * The answer that a service worker gives in place of one with a `.isth` stream, so that plain `<img>` and CSS show it: the decoded picture as
 * PNG. Answers that are no success pass through. Throws as `decode`.
 */
export async function imageResponse<Options>(
  decoder: ImageDecoder<Options>,
  answer: Response,
  options: BlobOptions = {},
): Promise<Response> {
  checkDecoder(decoder);
  if (!isA(answer, "Response")) throw expected("a Response", "answer", answer);
  if (!answer.ok) return answer;
  const image = await decoder.decode(new Uint8Array(await answer.arrayBuffer()));
  const blob = await toBlob(image, options);
  return new Response(blob, { headers: { "content-type": blob.type, "content-length": String(blob.size) } });
}
