// The declarations of src/ into build/types/, as those who install the package are to see them: without what is private or marked @internal, so that
// types are told apart by what they do, and no declaration drags in machinery of the inside. tsup bundles them.

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "build/types");

rmSync(folder, { recursive: true, force: true });
execFileSync(
  process.execPath,
  [join(root, "node_modules/typescript/bin/tsc"), "-p", join(root, "tsconfig.types.json")],
  {
    stdio: "inherit",
  },
);
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !entry.name.endsWith(".d.ts")) continue;
  const path = join(entry.parentPath, entry.name);
  const before = readFileSync(path, "utf8");
  const after = publicPart(path, before);
  if (after !== before) writeFileSync(path, after);
}

/** The text of a declaration file without what is hidden. */
function publicPart(path, text) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const changes = [];
  const visit = (node) => {
    if (ts.isClassDeclaration(node)) for (const member of node.members) changes.push(...changesOf(member));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return changes.reduceRight((all, { start, end, text }) => all.slice(0, start) + text + all.slice(end), text);
}

/** Hidden members go; a hidden constructor says that there is one, and not what it takes. */
function changesOf(member) {
  const flags = ts.getCombinedModifierFlags(member);
  const isInternal = ts.getJSDocTags(member).some(({ tagName }) => tagName.text === "internal");
  if (!(flags & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) && !isInternal) return [];
  const range = { start: member.getFullStart(), end: member.getEnd() };
  if (!ts.isConstructorDeclaration(member)) return [{ ...range, text: "" }];
  return [
    {
      ...range,
      text: flags & ts.ModifierFlags.Private ? "\n    private constructor();" : "\n    protected constructor();",
    },
  ];
}
