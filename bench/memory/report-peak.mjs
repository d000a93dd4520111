// Loaded ahead of a program by `node --import`: writes the largest resident set of the process, in KiB, when it ends.
import { writeFileSync } from "node:fs";

process.on("exit", () => writeFileSync(process.env.PEAK_REPORT, String(process.resourceUsage().maxRSS)));
