import { effect, type ReadonlySignal } from "@preact/signals";

/** Has the browser ask before the tab is closed, as long as what is under way would be lost with it. */
export function askBeforeLeaving(wouldLose: ReadonlySignal<boolean>): void {
  const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
  effect(() => {
    if (wouldLose.value) addEventListener("beforeunload", ask);
    else removeEventListener("beforeunload", ask);
  });
}
