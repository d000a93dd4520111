import asc from "assemblyscript/asc";

/** What a turn does to the values of a loop, six to an operation, `a` and `b` being 0; operations count for four lanes each. */
const loops = {
  strict: { turn: [(x) => `f32x4.mul(${x}, a)`, (x) => `f32x4.add(${x}, b)`], operations: 1 },
  relaxed: { turn: Array(2).fill((x) => `f32x4.relaxed_madd(${x}, a, b)`), operations: 2 },
};
const turns = 1_000_000;

/**
 * What 128-bit SIMD can do at most on one core: multiplications and additions that touch no memory, in enough independent chains to hide their latencies.
 * Every chain feeds itself, so that no compiler can move work out of the loop. The relaxed build fuses the two; both count two operations a lane.
 * A function that runs the loop once, and the number of operations in it.
 */
export async function simdLimit(build) {
  const { turn, operations } = loops[build];
  const chains = turn.flatMap((change, i) => Array.from({ length: 6 }, (_, k) => ({ name: `x${6 * i + k}`, change })));
  const source = `
    const out: usize = memory.data(16, 16);
    export function run(turns: i32): void {
      const a = v128.load(out), b = v128.load(out);
      let ${chains.map(({ name }) => `${name} = f32x4.splat(1)`).join(", ")};
      while (turns-- > 0) {
        ${chains.map(({ name, change }) => `${name} = ${change(name)};`).join("\n")}
      }
      v128.store(out, f32x4.mul(a, ${chains.reduce((sum, { name }) => `f32x4.add(${name}, ${sum})`, "b")}));
    }`;
  let bytes;
  const features = ["simd", ...(build === "relaxed" ? ["relaxed-simd"] : [])].flatMap((name) => ["--enable", name]);
  const options = [...features, "-O3", "--runtime", "stub", "--use", "abort=", "-o", "limit.wasm"];
  const { error } = await asc.main(["limit.ts", ...options], {
    readFile: (name) => (name === "limit.ts" ? source : null),
    writeFile: (_, contents) => {
      bytes = contents;
    },
  });
  if (error) throw error;
  const { instance } = await WebAssembly.instantiate(bytes);
  return { run: () => instance.exports.run(turns), operations: operations * 4 * chains.length * turns };
}
