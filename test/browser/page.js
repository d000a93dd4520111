// What the tests' pages have at hand. Imports stand here, because the test runner rewrites those of functions that it sends.
const entries = {
  isthmus: "index",
  "isthmus/browser": "browser",
  "isthmus/element": "element",
  "isthmus/preview": "preview",
};

globalThis.load = (name) => import(`/dist/${entries[name] ?? name}.js`);

globalThis.startWorker = () => new Worker("/dist/worker.js", { type: "module" });

globalThis.bytesAt = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());

globalThis.digest = async (bytes) => {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
};

/** The code and the message that a promise is rejected with. */
globalThis.refusal = (promise) =>
  promise.then(
    () => ({ code: "none", message: "" }),
    ({ code, message }) => ({ code, message }),
  );
