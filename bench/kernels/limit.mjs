import asc from "assemblyscript/asc";

/** The loops of limit.ts with what one turn of each counts, in floating-point operations. */
const loops = { strict: { name: "separate", operations: 48 }, relaxed: { name: "fused", operations: 96 } };
const turns = 1_000_000;

/** A function that runs the loop once and the number of operations in it. */
export async function simdLimit(build) {
  const features = build === "relaxed" ? ["--enable", "relaxed-simd"] : [];
  let bytes;
  const options = ["--enable", "simd", ...features, "-O3", "--runtime", "stub", "--use", "abort=", "-o", "limit.wasm"];
  const { error } = await asc.main(
    ["kernels/limit.ts", "--baseDir", new URL("..", import.meta.url).pathname, ...options],
    {
      writeFile: (_, contents) => {
        bytes = contents;
      },
    },
  );
  if (error) throw error;
  const { instance } = await WebAssembly.instantiate(bytes);
  const { name, operations } = loops[build];
  return { run: () => instance.exports[name](turns), operations: operations * turns };
}
