/** What benchmarks stand on, so that each says only what it measures. */
export * from "./curves.mjs";
export * from "./load-source.mjs";
export * from "./options.mjs";
export * from "./photos.mjs";
export * from "./places.mjs";
export * from "./programs.mjs";
export * from "./progress.mjs";
export * from "./results.mjs";
export * from "./statistics.mjs";
export * from "./text.mjs";
export * from "./turns.mjs";
