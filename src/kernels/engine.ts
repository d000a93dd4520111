import { type Bytes, readBytes } from "../ground/byte-source.js";
import { expected, IsthmusError } from "../ground/errors.js";
import { isA } from "../ground/is-a.js";
import { limitOf } from "../ground/limits.js";
import { anything, checkFewOptions } from "../ground/option-table.js";
import type { KernelExports } from "./interface.js";
import { type Kernels, Memory } from "./kernels.js";

/** Where the kernels may come from: a module, its bytes, or the answer to a request for the file. */
export type KernelSource = WebAssembly.Module | Bytes | Response | Promise<Response>;

let given: Promise<WebAssembly.Module> | undefined;

/**
 * Takes the kernels from `isthmus/kernels.wasm` instead of from the library's own text: for engines that compile no WebAssembly at run time
 * (Cloudflare Workers), and for pages that cache or stream the file. Call it before anything else; the file must be of the same release.
 * @throws IsthmusError `invalid-parameter` for something else, `unsupported-engine` where it cannot be compiled
 */
export async function init(options: { wasm: KernelSource }): Promise<void> {
  const { wasm } = checkFewOptions(options, { wasm: anything }, "init");
  const before = given;
  given = compileGiven(wasm);
  await given.catch((cause) => {
    given = before;
    throw refusedBy(cause);
  });
}

async function compileGiven(source: KernelSource): Promise<WebAssembly.Module> {
  const module = await compileAny(await source);
  const names = WebAssembly.Module.exports(module).map(({ name }) => name);
  if (["heapBase", "memory", "ransDecode", "multiplyPacked"].every((name) => names.includes(name))) return module;
  throw expected("isthmus/kernels.wasm", "wasm", "another module");
}

async function compileAny(wasm: WebAssembly.Module | Bytes | Response): Promise<WebAssembly.Module> {
  if (isA(wasm, "WebAssembly.Module")) return wasm as WebAssembly.Module;
  return WebAssembly.compile((await readBytes(wasm as Bytes | Response, "wasm")) as Uint8Array<ArrayBuffer>);
}

/**
 * Makes an instance of the strict kernels: of those that `init` was given, else of those that `compile` makes.
 * @throws IsthmusError `unsupported-engine` where the engine has no WebAssembly or no SIMD, or refuses to start it.
 */
export function strictKernels(
  compile: () => Promise<WebAssembly.Module>,
  instantiate: (module: WebAssembly.Module) => Promise<WebAssembly.Instance>,
  maxMemory: number | undefined,
): Promise<Kernels> {
  return start(async () => instantiate(await (given ?? compile())), false, maxMemory);
}

/** Kernels over a fresh instance, with a memory of `maxMemory` bytes at most. Throws as `strictKernels`. */
export async function start(
  instantiate: () => Promise<WebAssembly.Instance>,
  relaxed: boolean,
  maxMemory: number | undefined,
): Promise<Kernels> {
  const limit = limitOf("maxMemory", maxMemory);
  try {
    const call = (await instantiate()).exports as unknown as KernelExports;
    return { call, memory: new Memory(call.memory, call.heapBase.value, limit), relaxed };
  } catch (cause) {
    throw refusedBy(cause);
  }
}

/** What engines say of it names neither SIMD nor, where a page's security policy forbids WebAssembly, what would allow it. */
function refusedBy(cause: unknown): IsthmusError {
  if (cause instanceof IsthmusError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new IsthmusError(
    "unsupported-engine",
    `Could not start WebAssembly with SIMD (Chrome 91, Firefox 89, Safari 16.4 or newer; a Content-Security-Policy must allow 'wasm-unsafe-eval'): ${reason}`,
    { cause },
  );
}
