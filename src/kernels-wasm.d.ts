/** Stands beside the built files; bundlers for such engines make a module of it. */
declare module "*/kernels.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
