import { instantiate } from "@assemblyscript/loader";
import strictModule from "../../build/kernels-strict.js";
import { decodeBase64 } from "../base64.js";
import { expected, IsthmusError } from "../errors.js";
import { limitOf, limits, type ModelLimits } from "../limits.js";
import type { KernelExports } from "./interface.js";
import { type Kernels, Memory } from "./kernels.js";

/** A module of one function that returns i8x16.splat(0): valid only where there is 128-bit SIMD. */
const simdProbe = probe(0x41, 0, 0xfd, 0x0f);
/** The same with i8x16.relaxed_swizzle of two such vectors: valid only where there is relaxed SIMD. */
const relaxedProbe = probe(0x41, 0, 0xfd, 0x0f, 0x41, 0, 0xfd, 0x0f, 0xfd, 0x80, 0x02);

/** Where the kernels may come from: a module, its bytes, or the answer to a request for the file. */
export type KernelSource = WebAssembly.Module | BufferSource | Response | Promise<Response>;

let strict: Promise<WebAssembly.Module> | undefined;
let relaxed: Promise<WebAssembly.Module> | undefined;

/**
 * Takes the kernels from `isthmus/kernels.wasm` instead of from the library's own text: for engines that compile no WebAssembly at run time
 * (Cloudflare Workers), and for pages that cache or stream the file. Call it before anything else; the file must be of the same release.
 * @throws IsthmusError `invalid-parameter` for something else, `unsupported-engine` where it cannot be compiled
 */
export async function init({ wasm }: { wasm: KernelSource }): Promise<void> {
  const before = strict;
  const given = compileGiven(wasm);
  strict = given;
  await given.catch((cause) => {
    strict = before;
    throw refusedBy(cause);
  });
}

async function compileGiven(source: KernelSource): Promise<WebAssembly.Module> {
  const module = await compileAny(await source);
  const names = WebAssembly.Module.exports(module).map(({ name }) => name);
  if (["heapBase", "memory", "ransDecode", "multiplyPacked"].every((name) => names.includes(name))) return module;
  throw expected("isthmus/kernels.wasm", "wasm", "another module");
}

async function compileAny(wasm: WebAssembly.Module | BufferSource | Response): Promise<WebAssembly.Module> {
  if (wasm instanceof WebAssembly.Module) return wasm;
  if (wasm instanceof ArrayBuffer || ArrayBuffer.isView(wasm)) return WebAssembly.compile(wasm);
  if (typeof Response !== "function" || !(wasm instanceof Response)) {
    throw expected("a module, its bytes or a Response", "wasm", wasm);
  }
  if (!wasm.ok) throw expected("an answer with the kernels", "wasm", `status ${wasm.status}`);
  return WebAssembly.compile(await wasm.arrayBuffer());
}

/** True where the engine can run the relaxed build. */
export function relaxedSimdSupported(): boolean {
  return typeof WebAssembly === "object" && WebAssembly.validate(relaxedProbe);
}

/**
 * Makes a fresh instance of the kernels with a memory of its own, of `maxMemory` bytes at most; the module is compiled once. `relaxed` asks for
 * the build with fused multiply-add, which is for training only: nothing that a receiver must repeat may run on it.
 *
 * @throws IsthmusError `unsupported-engine` where the engine has no WebAssembly, no SIMD, or no relaxed SIMD when asked for.
 */
export async function loadKernels(
  options: { relaxed?: boolean } & Pick<ModelLimits, "maxMemory"> = {},
): Promise<Kernels> {
  const wantsRelaxed = options.relaxed ?? false;
  const maxMemory = limitOf("maxMemory", options.maxMemory, limits.maxMemory);
  if (typeof WebAssembly !== "object" || !WebAssembly.validate(simdProbe)) {
    throw new IsthmusError(
      "unsupported-engine",
      "Expected WebAssembly with SIMD (Chrome 91, Firefox 89, Safari 16.4, Node 16.4 or newer) for this engine but received none",
    );
  }
  if (wantsRelaxed && !relaxedSimdSupported()) {
    throw new IsthmusError("unsupported-engine", "Expected relaxed SIMD for this engine but received none");
  }
  try {
    const { instance } = await instantiate(wantsRelaxed ? compileRelaxed() : compileStrict());
    const call = instance.exports as unknown as KernelExports;
    return { call, memory: new Memory(call.memory, call.heapBase.value, maxMemory), relaxed: wantsRelaxed };
  } catch (cause) {
    throw refusedBy(cause);
  }
}

/** A page's security policy may forbid WebAssembly, and memory may be short. */
function refusedBy(cause: unknown): IsthmusError {
  if (cause instanceof IsthmusError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = /unsafe-eval|content security policy|CSP/i.test(reason)
    ? "Expected a Content-Security-Policy that allows WebAssembly (script-src with 'wasm-unsafe-eval') but the page's header forbids it"
    : `Could not start the WebAssembly kernels: ${reason}`;
  return new IsthmusError("unsupported-engine", message, { cause });
}

function compileStrict(): Promise<WebAssembly.Module> {
  strict ??= WebAssembly.compile(decodeBase64(strictModule));
  return strict;
}

function compileRelaxed(): Promise<WebAssembly.Module> {
  relaxed ??= import("../../build/kernels-relaxed.js").then((file) => WebAssembly.compile(decodeBase64(file.default)));
  return relaxed;
}

/** The smallest module around one function () -> v128 with the given body. */
function probe(...body: number[]): Uint8Array<ArrayBuffer> {
  const size = body.length + 2; // no locals before, `end` after
  return Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // magic, version
    ...[1, 5, 1, 0x60, 0, 1, 0x7b], // types: () -> v128
    ...[3, 2, 1, 0], // functions: one of type 0
    ...[10, size + 2, 1, size, 0, ...body, 0x0b], // code
  );
}
