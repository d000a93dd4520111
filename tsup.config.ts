import { defineConfig } from "tsup";

/** `splitting` keeps the embedded model and the relaxed kernels apart, so that they are loaded when they are needed. */
export default defineConfig({
  entry: ["src/index.ts", "src/node.ts", "src/cli.ts"],
  format: "esm",
  target: "es2022",
  splitting: true,
  clean: true,
  removeNodeProtocol: false,
  dts: { entry: ["src/index.ts", "src/node.ts"], compilerOptions: { ignoreDeprecations: "6.0" } },
});
