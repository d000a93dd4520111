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
  /** What standard input holds; `"open"` keeps it open and silent. Default nothing. */
  readonly stdin?: Uint8Array | "open";
  readonly env?: Record<string, string>;
  /** Sends ^C once, this many milliseconds after the text appeared on standard output or error ("" is at once). */
  readonly interruptAfter?: { readonly text: string; readonly milliseconds: number };
  /** Closes the reading end of standard output at once, as `| true` does. */
  readonly closeStdout?: boolean;
}

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
  let interrupted = false;
  const interruptWhenSeen = (): void => {
    const { interruptAfter } = options;
    if (!interruptAfter || interrupted) return;
    if (![stderr, Buffer.concat(stdout).toString()].some((output) => output.includes(interruptAfter.text))) return;
    interrupted = true;
    setTimeout(() => child.kill("SIGINT"), interruptAfter.milliseconds);
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
  interruptWhenSeen();
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  if (!options.env?.ISTHMUS_DEBUG) expect(stderr).not.toMatch(/^\s+at .*(:\d+|\))$/m);
  return { code, stdout: Buffer.concat(stdout), stderr };
}

/** The objects that `--json` printed. */
export function objectsOf(stdout: Buffer) {
  const lines = stdout.toString().split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line));
}
