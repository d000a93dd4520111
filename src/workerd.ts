import { init } from "./kernels/engine.js";
import wasm from "./kernels.wasm";

/** The main entry for engines that compile WebAssembly beforehand (Cloudflare Workers): package.json leads them here by the condition `workerd`. */
void init({ wasm });

export * from "./index.js";
