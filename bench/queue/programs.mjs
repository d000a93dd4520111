// Redis and the programs of examples/queue/ as processes that may be killed at any time.
import { spawn, spawnSync } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";

export const hasRedis = () => spawnSync("redis-server", ["--version"]).status === 0;

export const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits until `look` gives something; throws after a minute. */
export async function until(look, what) {
  for (let tries = 0; tries < 1200; tries++) {
    const found = await look();
    if (found) return found;
    await wait(50);
  }
  throw new Error(`Waited in vain until ${what}`);
}

/** A process group: a worker with its sandboxes, or Redis. */
export class Program {
  output = "";

  constructor(command, args, options) {
    this.process = spawn(command, args, { ...options, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        this.output += text;
      });
    }
    this.ended = new Promise((resolve) => this.process.once("close", (code, signal) => resolve(code ?? signal)));
  }

  get pid() {
    return this.process.pid;
  }

  /** Ends the whole group, or the process alone, which leaves its children behind. */
  async kill(signal = "SIGKILL", { alone = false } = {}) {
    try {
      process.kill(alone ? this.pid : -this.pid, signal);
    } catch (error) {
      if (error.code !== "ESRCH") throw error;
    }
    if (!alone) await this.ended;
  }

  says = (text) => until(() => this.output.includes(text), `a program said "${text}" after: ${this.output}`);

  /** Processes that this one has started and that still run. */
  async children() {
    const list = await readFile(`/proc/${this.pid}/task/${this.pid}/children`, "utf8").catch(() => "");
    return list.split(" ").filter(Boolean).map(Number);
  }
}

/** A Redis that keeps what it is told (AOF), in a folder of its own, on a port of its own. */
export class Redis {
  constructor(folder, port) {
    this.folder = folder;
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
  }

  static async in(folder) {
    await mkdir(folder, { recursive: true });
    return new Redis(folder, await freePort());
  }

  async start() {
    const settings = { port: this.port, bind: "127.0.0.1", dir: this.folder, appendonly: "yes", save: "" };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
    this.program = new Program("redis-server", args, {});
    await this.program.says("Ready to accept connections");
  }

  kill = () => this.program?.kill();
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Runs the programs of a copy of examples/queue/ that has been installed. */
export class QueueExample {
  programs = [];

  constructor(folder, redis, settings = {}) {
    this.folder = folder;
    this.environment = {
      ...process.env,
      REDIS_URL: redis.url,
      PROCESSES: "1",
      LOCK_SECONDS: "3",
      RETRY_MS: "20",
      ...settings,
    };
  }

  run(name, args = [], settings = {}) {
    const env = { ...this.environment, ...settings };
    const program = new Program(process.execPath, [join(this.folder, `${name}.mjs`), ...args], { env });
    this.programs.push(program);
    return program;
  }

  /** What a program that ends by itself said. */
  async outputOf(name, ...args) {
    const program = this.run(name, args);
    await program.ended;
    return program.output.trim();
  }

  async end() {
    for (const program of this.programs) await program.kill();
  }
}
