import { expose, transfer } from "comlink";

/** Codecs that others made, each at settings as good as those of the benchmarks allow in a browser. */
const rivals = {
  jpeg: async () => {
    const [{ default: encode }, { default: decode }] = await Promise.all([
      import("@jsquash/jpeg/encode.js"),
      import("@jsquash/jpeg/decode.js"),
    ]);
    return { encode: (image: ImageData, quality: number) => encode(image, { quality }), decode };
  },
  webp: async () => {
    const [{ default: encode }, { default: decode }] = await Promise.all([
      import("@jsquash/webp/encode.js"),
      import("@jsquash/webp/decode.js"),
    ]);
    return { encode: (image: ImageData, quality: number) => encode(image, { quality, method: 6 }), decode };
  },
  avif: async () => {
    const [{ default: encode }, { default: decode }] = await Promise.all([
      import("@jsquash/avif/encode.js"),
      import("@jsquash/avif/decode.js"),
    ]);
    const settings = { subsample: 3, speed: 6 };
    return { encode: (image: ImageData, quality: number) => encode(image, { ...settings, quality }), decode };
  },
};

export type RivalId = keyof typeof rivals;

const opened = new Map<RivalId, ReturnType<(typeof rivals)[RivalId]>>();

function open(id: RivalId) {
  const codec = opened.get(id) ?? rivals[id]();
  opened.set(id, codec);
  return codec;
}

const api = {
  async encode(id: RivalId, image: ImageData, quality: number) {
    const codec = await open(id);
    const before = performance.now();
    const bytes = new Uint8Array(await codec.encode(image, quality));
    return { bytes, milliseconds: performance.now() - before };
  },
  async decode(id: RivalId, bytes: Uint8Array) {
    const codec = await open(id);
    const copy = bytes.slice().buffer;
    const before = performance.now();
    const image = await codec.decode(copy);
    if (!image) throw new Error(`The decoder of ${id} gave no picture`);
    const milliseconds = performance.now() - before;
    return transfer({ image, milliseconds }, [image.data.buffer]);
  },
};

export type RivalsApi = typeof api;

expose(api);
