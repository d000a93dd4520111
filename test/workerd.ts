import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import type { Readable } from "node:stream";

/** The path of the program. */
const workerd: string = createRequire(import.meta.url)("workerd").default;

/** Runs a configuration of workerd, the engine of Cloudflare Workers, on a free port; `folders` are those that its disk services serve. */
export async function startWorkerd(
  config: string,
  folders: Record<string, string>,
): Promise<{ url: string; stop(): void }> {
  const directories = Object.entries(folders).map(([service, path]) => `--directory-path=${service}=${path}`);
  // Descriptor 3 tells which port it was.
  const child = spawn(workerd, ["serve", config, "--socket-addr=http=127.0.0.1:0", "--control-fd=3", ...directories], {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`workerd ended with exit code ${code}`)));
    let said = "";
    (child.stdio[3] as Readable).setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const listening = /\{"event":"listen".*?"port":(\d+).*?\}/.exec(said);
      if (listening) resolve(Number(listening[1]));
    });
  });
  return { url: `http://127.0.0.1:${port}/`, stop: () => void child.kill() };
}
