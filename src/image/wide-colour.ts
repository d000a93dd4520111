import { expected } from "../ground/errors.js";
import { isA } from "../ground/is-a.js";

/** What browsers' `ImageData` say of their samples; other images say nothing, and are sRGB. */
interface Described {
  readonly data: ArrayLike<number>;
  readonly colorSpace?: unknown;
}

/** Linear light of Display P3 as linear light of sRGB, both with the white D65 (CSS Color 4, section 10): rows red, green, blue. */
const srgbOfP3 = [
  [1.2249401762805598, -0.2249401762805598, 0],
  [-0.042056954709688163, 1.0420569547096881, 0],
  [-0.019637554590334432, -0.078636045550631889, 1.0982736001409663],
];

/**
 * RGBA samples as bytes in sRGB where an `ImageData` holds Display P3 or floats; undefined where it holds bytes in sRGB already, as other images
 * do. Colours outside of sRGB become the nearest in each channel. Throws `invalid-parameter` for colour spaces that are not known.
 */
export function bytesInSrgb(image: Described): Uint8Array | undefined {
  const { data, colorSpace = "srgb" } = image;
  if (colorSpace !== "srgb" && colorSpace !== "display-p3")
    throw expected("srgb or display-p3", "image.colorSpace", colorSpace);
  const isFloat = isA(data, "Float16Array");
  if (colorSpace === "srgb" && !isFloat) return undefined;
  const scale = isFloat ? 1 : 255;
  const result = Uint8Array.from(data, (sample) => byteOf(sample / scale));
  if (colorSpace === "srgb") return result;
  for (let pixel = 0; pixel + 3 < data.length; pixel += 4) {
    const red = linear(data[pixel] / scale);
    const green = linear(data[pixel + 1] / scale);
    const blue = linear(data[pixel + 2] / scale);
    srgbOfP3.forEach(([ofRed, ofGreen, ofBlue], channel) => {
      result[pixel + channel] = byteOf(encoded(ofRed * red + ofGreen * green + ofBlue * blue));
    });
  }
  return result;
}

const byteOf = (value: number): number => Math.round(255 * Math.max(0, Math.min(1, value)));

/** The transfer function of sRGB, which Display P3 shares, from samples to light ... */
const linear = (value: number): number => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);

/** ... and back. */
const encoded = (light: number): number => (light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055);
