import { unwritable } from "../node/files.js";
import { exitCodes } from "./exit.js";

/** Why a signal was raised where the reader of standard output has gone: there is nobody to tell anything. */
export const readerGone = Symbol("readerGone");

/** Raised by the first ^C (SIGTERM, or the end of the terminal); the second ends the process at once. */
export function interruptSignal(controller: AbortController): void {
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    controller.abort();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt);
}

/**
 * Watches what is printed: where its reader has gone (`| head`), the work ends as at ^C, so that nothing is left behind; where it cannot be written, as on a
 * full disk, that is told once, and the work goes on. `failed` tells whether either happened.
 */
export function watchOutput(controller: AbortController): { readonly failed: boolean } {
  const state = { failed: false };
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") controller.abort(readerGone);
      else if (!state.failed && stream === process.stdout) {
        process.stderr.write(`isthmus: ${unwritable("standard output", error).message}\n`);
      }
      state.failed = true;
    });
  }
  return state;
}
