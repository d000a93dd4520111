/** Files that are built beside this one: see tsup.config.ts. */
export const builtFiles = {
  worker: new URL("./worker-node.js", import.meta.url),
  serviceWorker: new URL("./service-worker.js", import.meta.url),
};
