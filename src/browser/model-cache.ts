import type { ModelStore } from "../exchange/receiver.js";

/** Model files in the browser's Cache API, shared by all pages and workers of the origin: for the `store` of a receiver. */
export function modelCache(name = "isthmus-models"): ModelStore {
  // Nothing is ever fetched from there: the Cache API merely names its entries by addresses.
  const address = (id: string): string => `https://isthmus.invalid/${id}.isthm`;
  return {
    async get(id) {
      const answer = await (await caches.open(name)).match(address(id));
      return answer && new Uint8Array(await answer.arrayBuffer());
    },
    async set(id, file) {
      await (await caches.open(name)).put(address(id), new Response(file as Uint8Array<ArrayBuffer>));
    },
  };
}
