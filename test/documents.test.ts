import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { describe, expect, test } from "vitest";

/** What documents say of the house, and what keeps the house as they say. */

const root = new URL("../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");
const filesOf = (folder: string, ending: string): string[] =>
  readdirSync(new URL(folder, root), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(ending))
    .map((file) => posix.join(folder, file.replaceAll("\\", "/")));

const architecture = read("docs/ARCHITECTURE.md");

test("every page of docs/ is on the reading list, and every decision in the index", () => {
  const pages = readdirSync(new URL("docs/", root)).filter(
    (file) => file.endsWith(".md") && file !== "ARCHITECTURE.md",
  );
  const list = architecture.slice(architecture.indexOf("## Further reading"));
  expect(pages.filter((page) => !list.includes(`(${page})`))).toEqual([]);
  const index = read("docs/decisions/README.md");
  const decisions = readdirSync(new URL("docs/decisions/", root)).filter((file) => file !== "README.md");
  expect(decisions.length).toBeGreaterThan(40);
  expect(decisions.filter((file) => index.split(`(${file})`).length !== 2)).toEqual([]);
  const numbers = decisions.map((file) => file.slice(0, 4));
  expect(new Set(numbers).size).toBe(numbers.length);
});

describe("imports", () => {
  /** The rooms in the order of the table, the highest first; those of a line in the order in which they stand. */
  const rooms = architecture
    .slice(architecture.indexOf("| folder | concept |"), architecture.indexOf("## Glossary"))
    .split("\n")
    .flatMap((line) => [...(line.split("|")[1] ?? "").matchAll(/`src\/([\w/-]+)`/g)].map(([, room]) => room));
  /** A room of its own, or the folder that it lies in. */
  const roomOf = (path: string): string | undefined => {
    const [room, inner] = posix.dirname(path).split("/").slice(1);
    return rooms.includes(`${room}/${inner}`) ? `${room}/${inner}` : room;
  };
  const foldersOf = (path: string): string[] =>
    readdirSync(new URL(path, root), { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [entry.name] : [],
    );
  const imports = filesOf("src/", ".ts").flatMap((file) =>
    [...read(file).matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)].map(([, name]) => ({
      file,
      imported: posix.join(posix.dirname(file), name),
    })),
  );

  test("lead to the entries from rooms that use the library as others do, and from no other", () => {
    const entries = filesOf("src/", ".ts").filter((file) => posix.dirname(file) === "src");
    const built = [...read("tsup.config.ts").matchAll(/"(src\/[\w-]+\.ts)"/g)].map(([, entry]) => entry);
    expect(entries.filter((file) => !file.endsWith(".d.ts")).sort()).toEqual([...new Set(built)].sort());
    const isEntry = (path: string): boolean => posix.dirname(path) === "src";
    const users = imports.flatMap(({ file, imported }) => (isEntry(imported) && !isEntry(file) ? [roomOf(file)] : []));
    expect([...new Set(users)].sort()).toEqual(["cli", "comparison", "server"]);
  });

  test("of every folder of src/ go downwards", () => {
    const folders = [...foldersOf("src/"), ...foldersOf("src/codec/").map((inner) => `codec/${inner}`)];
    expect(folders.sort()).toEqual([...rooms].sort());
    expect(imports.length).toBeGreaterThan(1000);
    const upwards = imports.filter(({ file, imported }) => {
      const [from, to] = [roomOf(file), roomOf(imported)];
      return from !== undefined && to !== undefined && rooms.indexOf(to) < rooms.indexOf(from);
    });
    expect(upwards).toEqual([]);
  });
});
