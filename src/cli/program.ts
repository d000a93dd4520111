import { Command as Commander, CommanderError, Option as CommanderOption } from "commander";
import { version } from "../../package.json";
import type { Command } from "./command.js";
import { decode } from "./commands/decode.js";
import { encode } from "./commands/encode.js";
import { exportModel } from "./commands/export.js";
import { info } from "./commands/info.js";
import { models } from "./commands/models.js";
import { train } from "./commands/train.js";
import { tryOut } from "./commands/try.js";
import { verify } from "./commands/verify.js";
import { exitCodeOf, exitCodes, messageOf } from "./exit.js";
import { type CommandName, type Option, type OptionsOf, optionTables } from "./options.js";

const exitCodesHelp = `
Exit codes: 0 ok, 1 failure, 2 usage, 3 corrupt input, 4 model missing or mismatched, 130 interrupted.
Set ISTHMUS_DEBUG for stack traces.`;

/** Runs the command line on its arguments and returns the exit code; errors have been printed. */
export async function run(args: readonly string[], signal: AbortSignal): Promise<number> {
  let exitCode: number = exitCodes.ok;
  const program = new Commander("isthmus")
    .description(
      "A trainable image codec: train on your own images, send a few bytes, decode the same pixels everywhere.",
    )
    .version(version)
    .addHelpText("after", exitCodesHelp);

  const add = <Name extends CommandName>(command: Command<Name>): void => {
    const { name, summary, argument, argumentMeaning, example } = command;
    const child = program.command(name).summary(summary).description(`${summary}.`);
    child.argument(argument, argumentMeaning).addHelpText("after", `\nExample: ${example}`);
    const table: Record<string, Option<unknown>> = optionTables[name];
    for (const option of Object.values(table)) child.addOption(commanderOption(option));
    child.action(async (given: string | string[] | undefined, options: OptionsOf<Name>) => {
      const sources = typeof given === "string" ? [given] : (given ?? []);
      exitCode = await command.run({ sources, options, signal });
    });
  };
  add(train);
  add(encode);
  add(decode);
  add(info);
  add(verify);
  add(models);
  add(exportModel);
  add(tryOut);

  for (const command of [program, ...program.commands])
    command.exitOverride().showHelpAfterError("(add --help for help)");
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    // Commander has printed its own message, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    process.stderr.write(`isthmus: ${messageOf(error)}\n`);
    return exitCodeOf(error);
  }
}

function commanderOption({ flags, description, fallback, parse, choices }: Option<unknown>): CommanderOption {
  const option = new CommanderOption(flags, description);
  const isPlain = fallback === undefined || fallback === false || (Array.isArray(fallback) && fallback.length === 0);
  // `undefined` as the description of a default keeps it out of the help text where there is nothing to say.
  option.default(fallback, isPlain ? undefined : String(fallback));
  if (parse) option.argParser(parse);
  if (choices) option.choices(choices);
  return option;
}
