import { joinAlpha, separateAlpha } from "./alpha.js";
import { convertColour } from "./channels.js";
import { colourChannels, type DecodedImage, hasAlpha } from "./image.js";

/** A decoded image with the channels of its original: a stream without alpha stands for an opaque image, one without colour for a grey one. */
export function withChannelsOf(original: DecodedImage, decoded: DecodedImage): DecodedImage {
  if (original.channels === decoded.channels) return decoded;
  const { colour, alpha } = separateAlpha(decoded);
  const converted = convertColour(colour, colourChannels(original.channels));
  if (!hasAlpha(original.channels)) return converted;
  return joinAlpha(converted, alpha ?? new Uint8Array(decoded.width * decoded.height).fill(255));
}
