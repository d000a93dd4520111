import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

/** The kernels as assembly/ has them, and as src/kernels/interface tells TypeScript: neither may drift. */

const root = new URL("../../", import.meta.url);
const textOf = (folder: string): string =>
  readdirSync(new URL(folder, root), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(new URL(folder + file, root), "utf8"))
    .join("\n");

const assembly = textOf("assembly/");
const declared = textOf("src/kernels/interface/") + readFileSync(new URL("src/kernels/interface.ts", root), "utf8");
const index = readFileSync(new URL("assembly/index.ts", root), "utf8");
const kernels = [...index.matchAll(/export \{([^}]*)\}/g)].flatMap(([, names]) => names.match(/\w+/g) ?? []);

/** `name: type` of each parameter. */
const parametersOf = (list: string): string[] =>
  list
    .split(",")
    .map((parameter) => parameter.trim())
    .filter(Boolean);

/** What WebAssembly has for both types. */
const kindOf: Record<string, string> = {
  i32: "number",
  f32: "number",
  f64: "number",
  usize: "Pointer",
  bool: "boolean",
  u32: "number",
  // Classes without methods: a pointer to their fields.
  Product: "Pointer",
  Group: "Pointer",
};

describe("the interface of the kernels", () => {
  test("knows every kernel", () => {
    expect(kernels.length).toBeGreaterThan(90);
    expect(new Set(kernels).size).toBe(kernels.length);
  });

  test.each(kernels)("%s takes the same parameters on both sides", (name) => {
    const compiled = assembly.match(new RegExp(`export function ${name}\\(([^)]*)\\)`))?.[1];
    const told = declared.match(new RegExp(`\\n  ${name}\\(([^)]*)\\)`))?.[1];
    const wanted = parametersOf(compiled ?? "not there").map((parameter) => {
      const [parameterName, type] = parameter.split(":").map((part) => part.trim());
      return `${parameterName}: ${kindOf[type] ?? type}`;
    });
    expect(parametersOf(told ?? "")).toEqual(wanted);
  });

  test("has no kernel that nothing calls", () => {
    const library = readdirSync(new URL("src/", root), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !file.includes("interface"))
      .map((file) => readFileSync(new URL(`src/${file}`, root), "utf8"))
      .join("\n");
    // Parts of other kernels, which are tested by themselves.
    const parts = ["multiplySparse", "predictSymbols", "roundRows", "sparseScratchBytes"];
    const uncalled = kernels.filter((name) => !new RegExp(`\\b${name}\\b`).test(library));
    expect(uncalled.sort()).toEqual(parts);
    for (const name of parts) expect(assembly.match(new RegExp(`\\b${name}\\(`, "g"))?.length).toBeGreaterThan(1);
  });
});
