import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";

export const cliPath = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** What standard input holds; `"open"` keeps it open and silent after a million zeros. Default nothing. */
  readonly stdin?: Uint8Array | "open";
  readonly env?: Record<string, string>;
  /** Sends a signal once: when this text appears on standard output or error, or when the zeros of `stdin: "open"` are read. */
  readonly interrupt?: { readonly at: string | typeof inputRead; readonly signal?: NodeJS.Signals };
  /** Closes the reading end of standard output at once, as `| true` does. */
  readonly closeStdout?: boolean;
}

export const inputRead = Symbol("inputRead");

/** Runs the built command line. Whatever happens, no stack trace may be seen. */
export async function isthmus(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return runCommand(process.execPath, [cliPath, ...args], options);
}

export async function runCommand(command: string, args: readonly string[], options: RunOptions): Promise<Finished> {
  if (!existsSync(cliPath)) throw new Error("Expected a build in dist: run npm run build");
  const env = { ...process.env, ...options.env };
  if (!options.env?.ISTHMUS_DEBUG) delete env.ISTHMUS_DEBUG;
  const child = spawn(command, args, { cwd: options.cwd, env });
  const stdout: Buffer[] = [];
  let stderr = "";
  const { at, signal = "SIGINT" } = options.interrupt ?? {};
  let interrupted = false;
  const interruptWhenSeen = (): void => {
    if (typeof at !== "string" || interrupted) return;
    interrupted = [stderr, Buffer.concat(stdout).toString()].some((output) => output.includes(at));
    if (interrupted) child.kill(signal);
  };
  child.stdout.on("data", (chunk) => {
    stdout.push(chunk);
    interruptWhenSeen();
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
    interruptWhenSeen();
  });
  child.stdin.on("error", () => {});
  if (options.closeStdout) child.stdout.destroy();
  if (options.stdin !== "open") child.stdin.end(options.stdin);
  // More than a pipe holds, so that its end is written once the process reads.
  else child.stdin.write(new Uint8Array(1e6), () => void (at === inputRead && child.kill(signal)));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  if (!options.env?.ISTHMUS_DEBUG) expect(stderr).not.toMatch(/^\s+at .*(:\d+|\))$/m);
  return { code, stdout: Buffer.concat(stdout), stderr };
}

/** The objects that `--json` printed. */
export function objectsOf(stdout: Buffer) {
  const lines = stdout.toString().split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line));
}
