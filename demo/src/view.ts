import { effect, signal } from "@preact/signals";

export const views = ["compare", "train", "explore"] as const;
export type View = (typeof views)[number];

const ofHash = (): View => views.find((name) => location.hash === `#${name}`) ?? "compare";

/** The part of the page that is shown; the address says which. */
export const view = signal<View>(ofHash());

addEventListener("hashchange", () => {
  view.value = ofHash();
});

effect(() => {
  const hash = `#${view.value}`;
  if (location.hash !== hash && !(view.value === "compare" && location.hash === "")) history.pushState(null, "", hash);
});
