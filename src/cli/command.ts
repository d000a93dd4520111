import type { CommandName, OptionsOf } from "./command-options.js";

/** What a command gets: its arguments, its options, and the signal that ^C raises. */
export interface Invocation<Name extends CommandName> {
  readonly sources: readonly string[];
  readonly options: OptionsOf<Name>;
  readonly signal: AbortSignal;
}

/** A command of the command line. `run` returns the exit code, or throws. */
export interface Command<Name extends CommandName> {
  readonly name: Name;
  readonly summary: string;
  /** In the notation of commander: `<path...>` is one or more, `[path]` none or one. */
  readonly argument: string;
  readonly argumentMeaning: string;
  readonly example: string;
  run(invocation: Invocation<Name>): Promise<number>;
}
