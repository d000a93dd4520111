// A line as phones have it, between a browser and a server on this machine. The browser's own throttling leaves service workers out.
import { connect, createServer } from "node:net";

const piece = 4096;

/** Listens at a port of its own. All connections share the rate; `line.bytes` counts what came down. */
export async function slowLine(target, { bitsPerSecond, roundTrip }) {
  const line = { bytes: 0, port: 0, close: () => server.close() };
  let free = 0;
  const server = createServer((browser) => {
    const upstream = connect(target, "127.0.0.1");
    for (const socket of [browser, upstream]) socket.on("error", () => {}).setNoDelay(true);
    const [up, down] = [delayed(upstream), delayed(browser)];
    browser.on("data", (bytes) => up(bytes, roundTrip / 2));
    upstream.on("data", (bytes) => {
      for (let at = 0; at < bytes.length; at += piece) {
        const part = bytes.subarray(at, at + piece);
        const now = performance.now();
        free = Math.max(now, free) + (part.length * 8000) / bitsPerSecond;
        line.bytes += part.length;
        down(part, free - now + roundTrip / 2);
      }
    });
    browser.on("close", () => upstream.destroy());
    upstream.on("close", () => setTimeout(() => browser.end(), Math.max(0, free - performance.now()) + roundTrip));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  line.port = server.address().port;
  return line;
}

/** Writes after some milliseconds, and in order: timers of other lengths may overtake each other. */
function delayed(socket) {
  const queue = [];
  return (bytes, milliseconds) => {
    queue.push(bytes);
    setTimeout(() => {
      const next = queue.shift();
      if (socket.writable) socket.write(next);
    }, milliseconds);
  };
}
