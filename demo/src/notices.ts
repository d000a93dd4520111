import { signal } from "@preact/signals";
import { IsthmusError } from "isthmus";

export interface Notice {
  readonly id: number;
  readonly kind: "error" | "note";
  readonly text: string;
}

/** What the page has to say to the person, the newest last. */
export const notices = signal<readonly Notice[]>([]);

const most = 3;
let last = 0;

function say(kind: Notice["kind"], text: string): void {
  const others = notices.value.filter((notice) => notice.text !== text);
  notices.value = [...others, { id: ++last, kind, text }].slice(-most);
}

export const note = (text: string): void => say("note", text);

/** Says what went wrong, unless it was called off on purpose. */
export function complain(error: unknown): void {
  if (error instanceof DOMException && error.name === "AbortError") return;
  if (error instanceof IsthmusError && error.code === "aborted") return;
  say("error", messageOf(error));
}

/** What went wrong, for the person to read. */
export function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message === unloaded ? explanation : message;
}

/** What the library says of a worker whose script cannot be had. */
const unloaded = "The worker could not be loaded";
const explanation =
  "The part of this page that codes pictures could not be loaded. Without a network it works only where it has been loaded before.";

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}
