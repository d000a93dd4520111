import { signal } from "@preact/signals";

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
  say("error", error instanceof Error ? error.message : String(error));
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}
