import { readFile } from "node:fs/promises";
import { afterEach, expect, test, vi } from "vitest";
import { loadKernels } from "../../src/kernels/instantiate.js";
import { activationNumber } from "../../src/kernels/interface.js";

const moduleNames = ["strict", "relaxed"];
const read = (name: string) => readFile(new URL(`../../build/kernels-${name}.wasm`, import.meta.url));

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.resetModules();
});

test("each call gives an instance with a memory of its own", async () => {
  const [one, other] = [await loadKernels(), await loadKernels()];
  const pointer = one.memory.place(Float32Array.of(1, 2, 3));
  expect(other.memory.allocateFloats(3)).toBe(pointer);
  one.call.fill(3, 9, pointer);
  expect(Array.from(one.memory.f32(pointer, 3))).toEqual([9, 9, 9]);
  expect(Array.from(other.memory.f32(pointer, 3))).toEqual([0, 0, 0]);
});

test("the arena begins behind the static data of the module", async () => {
  const { call, memory } = await loadKernels();
  expect(memory.mark()).toBeGreaterThanOrEqual(call.heapBase.value);
  expect(call.heapBase.value).toBeGreaterThan(0);
});

test("behind the last allocation is room for whole vectors", async () => {
  const { call, memory } = await loadKernels();
  const bytes = call.memory.buffer.byteLength - memory.mark();
  const last = memory.allocate(bytes) + bytes - 4;
  call.activate(activationNumber.relu, 1, last, last);
  call.fill(1, 7, last);
  expect(memory.f32(last, 1)[0]).toBe(7);
});

test("the strict module imports nothing", async () => {
  const module = await WebAssembly.compile(await read("strict"));
  expect(WebAssembly.Module.imports(module)).toEqual([]);
});

test("both modules fit 64 KiB", async () => {
  for (const name of moduleNames) expect((await read(name)).length).toBeLessThanOrEqual(65536);
});

test("loads where there is no Buffer", async () => {
  const fresh = await import("../../src/kernels/instantiate.js");
  vi.stubGlobal("Buffer", undefined);
  const { call } = await fresh.loadKernels();
  expect(call.packedLength(3, 9)).toBe(48);
});

test("an engine without SIMD, or without WebAssembly, is named, and may be asked again", async () => {
  const fresh = await import("../../src/kernels/instantiate.js");
  const refused = expect.objectContaining({ code: "unsupported-engine", message: expect.stringMatching(/SIMD/) });
  vi.spyOn(WebAssembly, "compile").mockRejectedValueOnce(new WebAssembly.CompileError("invalid value type 's128'"));
  await expect(fresh.loadKernels()).rejects.toEqual(refused);
  const { WebAssembly: present } = globalThis;
  vi.stubGlobal("WebAssembly", undefined);
  await expect(fresh.loadKernels()).rejects.toEqual(refused);
  vi.stubGlobal("WebAssembly", present);
  expect((await fresh.loadKernels()).call.packedLength(3, 9)).toBe(48);
});

test("an engine that refuses to instantiate is named, with the cause", async () => {
  const cause = new Error("refused");
  vi.spyOn(WebAssembly, "instantiate").mockRejectedValue(cause);
  await expect(loadKernels()).rejects.toMatchObject({ name: "IsthmusError", code: "unsupported-engine", cause });
});

test("the kernels may be handed in as a module, as bytes and as an answer", async () => {
  const { init } = await import("../../src/kernels/engine.js");
  const { loadKernels } = await import("../../src/kernels/instantiate.js");
  const bytes = await read("strict");
  const compile = vi.spyOn(WebAssembly, "compile");
  await init({ wasm: new WebAssembly.Module(bytes) });
  expect((await loadKernels()).call.packedLength(3, 9)).toBe(48);
  expect(compile).not.toHaveBeenCalled();
  await init({ wasm: bytes });
  await init({ wasm: Promise.resolve(new Response(bytes)) });
  expect((await loadKernels()).call.packedLength(3, 9)).toBe(48);
});

test.each([
  ["nothing", undefined, "invalid-parameter"],
  ["a missing file", new Response("", { status: 404 }), "invalid-parameter"],
  ["another module", Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0), "invalid-parameter"],
  ["a text", new TextEncoder().encode("<!doctype html>"), "unsupported-engine"],
])("refuses %s in place of the kernels", async (_, wasm, code) => {
  const { init } = await import("../../src/kernels/engine.js");
  await expect(init({ wasm: wasm as never })).rejects.toMatchObject({ name: "IsthmusError", code });
});
