import { afterEach, describe, expect, test, vi } from "vitest";

/** Each test has a library of its own, which has loaded nothing yet. */
afterEach(() => {
  vi.restoreAllMocks();
  vi.resetModules();
  vi.doUnmock("../build/default-model.js");
});

describe("a failure that passes is not kept:", () => {
  test("kernels of decoders, of codecs and of training", async () => {
    const { loadDecodingKernels } = await import("../src/kernels/decoding.js");
    const { loadKernels, relaxedSimdSupported } = await import("../src/kernels/instantiate.js");
    const relaxed = relaxedSimdSupported() ? [() => loadKernels({ relaxed: true })] : [];
    const compile = vi.spyOn(WebAssembly, "compile");
    for (const load of [() => loadDecodingKernels(), () => loadKernels(), ...relaxed]) {
      compile.mockClear().mockRejectedValueOnce(new RangeError("out of memory"));
      const refused = { code: "unsupported-engine", message: expect.stringMatching(/out of memory$/) };
      await expect(load()).rejects.toMatchObject(refused);
      expect((await load()).call.heapBase.value).toBeGreaterThan(0);
      await load();
      // Node compiles modules of its own, too.
      const sizes = compile.mock.calls.map(([module]) => (module as Uint8Array).length);
      expect(sizes.filter((size) => size === sizes[0]).length).toBe(2);
    }
  });

  test("the embedded model", async () => {
    let fails = true;
    vi.doMock("../build/default-model.js", async (original) => {
      const file = await original<{ default: string }>();
      return {
        get default() {
          return fails ? "" : file.default;
        },
      };
    });
    const { defaultModel } = await import("../src/models/default-model.js");
    await expect(defaultModel()).rejects.toMatchObject({ code: "model-missing" });
    fails = false;
    const model = await defaultModel();
    expect(model.preset).toBe("photo");
    expect(await defaultModel()).toBe(model);
  });

  test("what a codec makes when it is first asked for an effort", async () => {
    const { loadCodec } = await import("../src/index.js");
    const { ReceiverModel } = await import("../src/models/receiver-model.js");
    const codec = await loadCodec();
    const image = {
      data: Uint8Array.from({ length: 768 }, (_, i) => (i * 37) & 255),
      width: 16,
      height: 16,
      channels: 3,
    };
    const make = vi.spyOn(ReceiverModel.prototype, "receiverNetwork").mockImplementationOnce(() => {
      throw new RangeError("out of memory");
    });
    await expect(codec.encode(image, { effort: 1 })).rejects.toThrow("out of memory");
    expect((await codec.encode(image, { effort: 1 })).length).toBeGreaterThan(20);
    await codec.encode(image, { effort: 1 });
    expect(make).toHaveBeenCalledTimes(2);
  });
});
