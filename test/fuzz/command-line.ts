import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { exitCodes } from "../../src/cli/exit.js";
import { run } from "../../src/cli/program.js";
import type { Dice } from "./dice.js";
import { mutateBytes } from "./mutate-bytes.js";
import type { Subjects } from "./subjects.js";

/** Runs a command of the command line in this process and gives what it printed. */
async function printed(words: readonly string[]): Promise<{ code: number; text: string }> {
  const streams = [process.stdout, process.stderr] as const;
  const writes = streams.map(({ write }) => write);
  let text = "";
  for (const stream of streams) {
    stream.write = ((piece: string | Uint8Array, ...rest: unknown[]) => {
      text += typeof piece === "string" ? piece : "";
      const done = rest.find((one) => typeof one === "function") as (() => void) | undefined;
      done?.();
      return true;
    }) as typeof stream.write;
  }
  try {
    return { code: await run(words, new AbortController().signal), text };
  } finally {
    for (const [i, stream] of streams.entries()) stream.write = writes[i];
  }
}

/** A command that reads the input, and what may be wrong with its result. */
export function commandOn({ folder, coders, picture }: Subjects, dice: Dice, stream: Uint8Array, model: Uint8Array) {
  const at = (name: string) => join(folder, name);
  const input = dice.pick([() => stream, () => stream, () => model, () => mutateBytes(picture, dice)])();
  const coder = dice.pick(coders).name;
  const words = dice.pick([
    ["info", at("input")],
    ["verify", at("input"), "-m", at(`${coder}.isthm`)],
    ["decode", at("input"), "-m", at(`${coder}.isthm`), "-o", at("output.png"), "-f"],
    ["decode", at("input"), "-m", at("input"), "-o", at("output.png"), "-f"],
    ["encode", at("input"), "-m", at(`${coder}.isthm`), "-o", at("output.isth"), "-f"],
    ["export", at("input"), "--receiver", "-o", at("output.isthm"), "-f"],
  ]);
  const odd = [
    "--max-pixels",
    String(dice.extreme()),
    "--max-memory",
    String(dice.extreme()),
    "-q",
    String(dice.next() * 120),
    "",
    "-",
    "--nothing",
  ];
  const more = dice.chance(0.2) ? [dice.pick(odd), dice.pick(odd)] : [];
  return {
    input,
    async run(): Promise<string | undefined> {
      writeFileSync(at("input"), input);
      // Standard input is not there to be read here.
      const { code, text } = await printed([...words, "--json", ...more.filter((word) => word !== "-")]);
      if (!Object.values(exitCodes).includes(code as 0)) return `exit code ${code} of ${words[0]}`;
      if (text.includes('"code":"internal"') || /^\s+at .*:\d+/m.test(text))
        return `${words[0]} printed ${text.slice(0, 500)}`;
      return undefined;
    },
  };
}
