import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** The declarations of the build, as those who install the package see them. */
const root = fileURLToPath(new URL("..", import.meta.url));
const declarations = readdirSync(join(root, "dist")).filter((name) => name.endsWith(".d.ts"));

describe("the package's types", () => {
  it.each(declarations)("show nothing that is hidden: %s", (name) => {
    const source = ts.createSourceFile(
      name,
      readFileSync(join(root, "dist", name), "utf8"),
      ts.ScriptTarget.Latest,
      true,
    );
    const hidden: string[] = [];
    const look = (node: ts.Node): void => {
      if (ts.isClassElement(node) && !ts.isConstructorDeclaration(node)) {
        const flags = ts.getCombinedModifierFlags(node);
        const isPrivate = (flags & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !== 0;
        if (isPrivate || (node.name && ts.isPrivateIdentifier(node.name))) hidden.push(node.getText());
      }
      if (ts.isConstructorDeclaration(node) && ts.getCombinedModifierFlags(node) && node.parameters.length > 0) {
        hidden.push(node.getText());
      }
      if (ts.getJSDocTags(node).some(({ tagName }) => tagName.text === "internal")) hidden.push(node.getText());
      ts.forEachChild(node, look);
    };
    look(source);
    expect(hidden).toEqual([]);
  });

  it("name nothing of the machinery inside", () => {
    const text = declarations.map((name) => readFileSync(join(root, "dist", name), "utf8")).join("\n");
    for (const name of ["Kernels", "KernelExports", "Network", "Connection"]) {
      expect(text).not.toMatch(new RegExp(`\\b(class|interface) ${name}\\b`));
    }
  });
});

describe("a project that uses the package", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "isthmus-types-"));
    for (const name of ["@types/node", "undici-types", "vite"]) {
      const link = join(folder, "node_modules", name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(root, "node_modules", name), link, "dir");
    }
    symlinkSync(root, join(folder, "node_modules/isthmus"), "dir");
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** What the compiler says of the package's declarations under libraries and types. */
  function complaints(entries: readonly string[], lib: string[], types: string[]): string[] {
    const file = join(folder, "main.ts");
    const lines = entries.map((entry, i) => `export * as entry${i} from ${JSON.stringify(entry)};`);
    writeFileSync(file, `${lines.join("\n")}\n`);
    const program = ts.createProgram([file], {
      ...{ lib: lib.map((name) => `lib.${name}.d.ts`), types, preserveSymlinks: true, skipLibCheck: false },
      ...{ strict: true, noEmit: true, target: ts.ScriptTarget.ES2022 },
      ...{ module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
    });
    return ts
      .getPreEmitDiagnostics(program)
      .filter(({ file }) => !file || !/node_modules\/(?!isthmus\/dist)/.test(file.fileName))
      .map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`);
  }

  const everywhere = [
    "isthmus",
    "isthmus/browser",
    "isthmus/preview",
    "isthmus/server",
    "isthmus/worker",
    "isthmus/vite",
  ];

  it("compiles on Node without the types of browsers, and without skipLibCheck", () => {
    expect(complaints([...everywhere, "isthmus/node"], ["es2022"], ["node"])).toEqual([]);
  });

  it("compiles in a page without the types of Node", () => {
    const entries = ["isthmus", "isthmus/browser", "isthmus/element", "isthmus/preview", "isthmus/worker"];
    expect(complaints(entries, ["es2022", "dom", "dom.iterable"], [])).toEqual([]);
  });
});
