// The fuzzer as one file, for bench/fuzz.mjs.
export { bounds, type Finding, type FuzzReport, fuzz, mergeReports, newReport } from "./fuzz.js";
export { type SearchReport, search } from "./search.js";
export { readSubjects } from "./subjects.js";
