import { fileURLToPath } from "node:url";

export default {
  mode: "production",
  context: fileURLToPath(new URL(".", import.meta.url)),
  entry: "./main.js",
  experiments: { outputModule: true },
  output: { module: true, filename: "main.js", path: fileURLToPath(new URL("dist", import.meta.url)) },
};
