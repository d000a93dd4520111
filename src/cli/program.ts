import { Command as Commander, CommanderError, Option as CommanderOption } from "commander";
import { version } from "../../package.json";
import type { Command } from "./command.js";
import { type CommandName, type OptionsOf, optionTables } from "./command-options.js";
import { bench } from "./commands/bench.js";
import { decode } from "./commands/decode.js";
import { encode } from "./commands/encode.js";
import { explore } from "./commands/explore.js";
import { exportModel } from "./commands/export.js";
import { info } from "./commands/info.js";
import { interpolate } from "./commands/interpolate.js";
import { models } from "./commands/models.js";
import { preview } from "./commands/preview.js";
import { restore } from "./commands/restore.js";
import { sample } from "./commands/sample.js";
import { train } from "./commands/train.js";
import { tryOut } from "./commands/try.js";
import { verify } from "./commands/verify.js";
import { codeOf, exitCodeOf, exitCodes, messageOf } from "./exit.js";
import { readerGone } from "./interrupt.js";
import type { Option } from "./option-kinds.js";
import { printable, printableLines } from "./printable.js";
import { Report } from "./report.js";

const exitCodesHelp = `
Exit codes: 0 ok, 1 failure, 2 usage, 3 corrupt input, 4 model missing or mismatched, 130 interrupted.
Set ISTHMUS_DEBUG for stack traces.`;

/** Runs the command line on its arguments and returns the exit code; errors have been printed. */
export async function run(args: readonly string[], signal: AbortSignal): Promise<number> {
  let exitCode: number = exitCodes.ok;
  let json = false;
  const program = new Commander("isthmus")
    .description(
      "A trainable image codec: train on your own images, send a few bytes, decode the same pixels everywhere.",
    )
    .version(version)
    .configureOutput({
      outputError: (text, write) => {
        // One line, which quotes the arguments, and perhaps another.
        const [line, hint = ""] = text.trimEnd().split(/(\n\(Did you mean [^\n]*)$/);
        write(`${printable(line)}${printableLines(hint)}\n`);
      },
    })
    .addHelpText("after", exitCodesHelp);

  const add = <Name extends CommandName>(command: Command<Name>): void => {
    const { name, summary, argument, argumentMeaning, example } = command;
    const child = program.command(name).summary(summary).description(`${summary}.`);
    child.argument(argument, argumentMeaning).addHelpText("after", `\nExample: ${example}`);
    const table: Record<string, Option<unknown>> = optionTables[name];
    for (const option of Object.values(table)) child.addOption(commanderOption(option));
    child.action(async (given: string | string[] | undefined, chosen: object) => {
      const sources = typeof given === "string" ? [given] : (given ?? []);
      const options = { ...fallbacksOf(table), ...chosen } as OptionsOf<Name>;
      json = (options as { json: boolean }).json;
      exitCode = await command.run({ sources, options, signal });
    });
  };
  add(train);
  add(encode);
  add(decode);
  add(restore);
  add(info);
  add(verify);
  add(models);
  add(exportModel);
  add(sample);
  add(interpolate);
  add(explore);
  add(preview);
  add(tryOut);
  add(bench);

  for (const command of [program, ...program.commands])
    command.exitOverride().showHelpAfterError("(add --help for help)");
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    // Commander has printed its own message, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    if (signal.reason === readerGone) return exitCodes.failure;
    const report = new Report({ json, quiet: false });
    report.warning(messageOf(error));
    if (json) report.result({ error: { code: codeOf(error), message: messageOf(error) } }, "");
    return exitCodeOf(error);
  }
}

function commanderOption({ flags, description, fallback, parse, choices }: Option<unknown>): CommanderOption {
  const option = new CommanderOption(flags, description);
  // A default that says nothing ("false", "[]") is filled in later, so that it stays out of the help text.
  if (typeof fallback === "number") option.default(fallback);
  if (parse) option.argParser((text, previous) => parse(text, previous ?? fallback));
  if (choices) option.choices(choices);
  return option;
}

const fallbacksOf = (table: Record<string, Option<unknown>>): object =>
  Object.fromEntries(Object.entries(table).map(([name, { fallback }]) => [name, fallback]));
