// Names in package-lock.json the optional packages that are missing there, because the registry it was made with had none for other platforms: without
// them `npm ci` refuses the file. Run it after `npm install` has changed the file. Where a package's parent pins it, its version is known; its platform is in
// its name, and what is unknown of it (its checksum) npm asks for on that platform.
import { readFile, writeFile } from "node:fs/promises";

const systems = {
  android: "android",
  darwin: "darwin",
  freebsd: "freebsd",
  linux: "linux",
  linuxmusl: "linux",
  openbsd: "openbsd",
  openharmony: "openharmony",
  win32: "win32",
  windows: "win32",
  wasm32: undefined,
};
const processors = ["arm64", "arm", "ia32", "loong64", "ppc64", "riscv64", "s390x", "x64", "wasm32"];

const path = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(await readFile(path, "utf8"));
const { packages } = lock;
const isExact = (range) => /^\d+\.\d+\.\d+[-\w.]*$/.test(range);

/** Where npm looks for a package that another one asks for. */
function placesOf(parent, name) {
  const places = [];
  for (let folder = parent; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    places.push(`${folder ? `${folder}/` : ""}node_modules/${name}`);
    if (!folder.includes("/node_modules/")) break;
  }
  return [...places, `node_modules/${name}`];
}

let added = 0;
for (const [parent, { optionalDependencies = {}, dev, peer }] of Object.entries(packages)) {
  for (const [name, range] of Object.entries(optionalDependencies)) {
    const places = placesOf(parent, name);
    if (places.some((place) => packages[place])) continue;
    if (!isExact(range)) continue;
    const words = name.split(/[-/]/);
    const os = words.map((word) => systems[word]).find(Boolean);
    const cpu = processors.find((processor) => words.includes(processor));
    const libc = /musl/.test(name) ? "musl" : /gnu/.test(name) && os === "linux" ? "glibc" : undefined;
    packages[`node_modules/${name}`] = {
      version: range,
      ...(cpu && { cpu: [cpu] }),
      ...(dev && { dev }),
      ...(peer && { peer }),
      optional: true,
      ...(libc && { libc: [libc] }),
      ...(os && { os: [os] }),
    };
    added++;
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
await writeFile(path, `${JSON.stringify(lock, undefined, 2)}\n`);
console.log(`package-lock.json: ${added} packages of other platforms added`);
