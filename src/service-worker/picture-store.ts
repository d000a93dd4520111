const name = "isthmus-worker-pictures";
const maxBytes = 64 << 20;
/** So many pictures come in between two looks at how much is kept. */
const trimAfter = 32;

/** Streams of pictures in the Cache API, by their addresses: for visits without a network. The oldest make room. */
export class PictureStore {
  private added = 0;

  async get(address: string): Promise<Response | undefined> {
    return (await caches.open(name)).match(address, { ignoreVary: true });
  }

  async set(address: string, answer: Response): Promise<void> {
    const cache = await caches.open(name);
    await cache.put(address, answer);
    if (this.added++ % trimAfter === 0) await this.trim(cache);
  }

  async delete(address: string): Promise<void> {
    await (await caches.open(name)).delete(address, { ignoreVary: true });
  }

  private async trim(cache: Cache): Promise<void> {
    let bytes = 0;
    for (const request of [...(await cache.keys())].reverse()) {
      const answer = await cache.match(request, { ignoreVary: true });
      const length = answer?.headers.get("content-length");
      bytes += length ? Number(length) : ((await answer?.arrayBuffer())?.byteLength ?? 0);
      if (bytes > maxBytes) await cache.delete(request, { ignoreVary: true });
    }
  }
}
