import { codeOf, messageOf } from "./exit.js";
import { printable, printableJson, printableLines } from "./printable.js";
import { Progress } from "./progress.js";

export interface ReportOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Standard output carries data, so that nothing else may be printed there. */
  readonly dataOnStdout?: boolean;
}

/** Everything that a command says: results and figures, remarks, errors and progress. */
export class Report {
  readonly progress: Progress;
  private readonly out: NodeJS.WriteStream;

  constructor(private readonly options: ReportOptions) {
    this.out = options.dataOnStdout ? process.stderr : process.stdout;
    this.progress = new Progress(process.stderr.isTTY === true && !options.quiet && !options.json);
  }

  get json(): boolean {
    return this.options.json;
  }

  /** What was asked for: an object with `--json`, otherwise text, of several lines where these were put together of what is `printable`. */
  result(object: object, text: string): void {
    this.progress.clear();
    if (this.options.json) this.out.write(`${printableJson(object)}\n`);
    else if (text !== "") this.out.write(`${printableLines(text)}\n`);
  }

  /** What was done: like `result`, but the text is a remark. */
  done(object: object, text: string): void {
    if (this.options.json) this.result(object, text);
    else this.say(printableLines(text));
  }

  /** For people only: on standard error, nothing with `--quiet` or `--json`. */
  remark(text: string): void {
    this.say(printable(text));
  }

  private say(line: string): void {
    if (this.options.quiet || this.options.json) return;
    this.progress.clear();
    process.stderr.write(`${line}\n`);
  }

  warning(text: string): void {
    this.progress.clear();
    // A stack of calls has lines.
    process.stderr.write(`isthmus: ${process.env.ISTHMUS_DEBUG ? printableLines(text) : printable(text)}\n`);
  }

  /** The failure of one input; `input` is left out of the text where the message names it already. */
  failure(input: string, error: unknown): void {
    const message = messageOf(error);
    this.warning(message.includes(input) || input === "-" ? message : `${input}: ${message}`);
    if (this.options.json) this.result({ input, error: { code: codeOf(error), message } }, "");
  }
}
