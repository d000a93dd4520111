import { describe, expect, it } from "vitest";
import { version } from "../../package.json";
import { isthmus } from "./run-cli.js";

describe("the command line", () => {
  it("explains itself", async () => {
    const help = await isthmus(["--help"]);
    expect(help.code).toBe(0);
    for (const name of ["train", "encode", "decode", "info", "verify", "models", "export", "try"]) {
      expect(help.stdout.toString()).toContain(`\n  ${name} `);
    }
    expect((await isthmus(["--version"])).stdout.toString().trim()).toBe(version);
  });

  it("shows the help, on standard error, where no command is given", async () => {
    const { code, stdout, stderr } = await isthmus([]);
    expect([code, stdout.length]).toEqual([2, 0]);
    expect(stderr).toContain("Usage: isthmus");
  });

  it.each([
    [["paint"], "unknown command 'paint'"],
    [["encode"], "missing required argument"],
    [["encode", "a.png", "--colour"], "unknown option"],
    [["encode", "a.png", "-q", "101"], "Expected a number between 0 and 100"],
    [["encode", "a.png", "-q", ""], "Expected a number between 0 and 100"],
    [["encode", "a.png", "--alpha-quality", "101"], "Expected a number between 0 and 100"],
    [["encode", "a.png", "--effort", "10"], "Expected a whole number between 0 and 9"],
    [["encode", "a.png", "--effort", "1.5"], "Expected a whole number between 0 and 9"],
    [["encode", "a.png", "--target-bytes", "0"], "Expected a whole number between 1"],
    [["encode", "a.png", "--target-bytes", "9.5"], "Expected a whole number between 1"],
    [["encode", "a.png", "--target-psnr", "NaN"], "Expected a number between 1 and 100"],
    [["encode", "a.png", "--target-psnr", "30", "--target-bytes", "900"], "Expected one of --quality"],
    [["encode", "a.png", "--target-psnr", "30", "-q", "50"], "Expected one of --quality"],
    [["encode", "a.png", "--target-score", "70", "--target-psnr", "30"], "Expected one of --quality"],
    [["encode", "a.png", "--target-score", "101"], "Expected a number between 1 and 100"],
    [["train", "a", "--tune", "butteraugli"], "Allowed choices are ssimulacra2, psnr"],
    [["train", "a", "--preset", "preview", "--tune", "psnr"], "Expected no --tune with --preset preview"],
    [["encode", "-", "-"], "Expected - at most once"],
    [["encode", "a.png", "b.png", "-o", "-"], "received several"],
    [["train"], "missing required argument"],
    [["train", "images", "-o", "a.isthm", "--preset", "movie"], "Allowed choices are photo, vector, variational"],
    [["train", "images", "-o", "a.isthm", "--threads", "0"], "Expected a whole number between 1 and 256"],
    [["train", "images", "-o", "a.isthm", "--threads", "all"], "Expected a whole number between 1 and 256"],
    [["train", "images", "-o", "a.isthm", "--preset", "preview", "--threads", "2"], "Expected no --threads"],
    [["train", "images", "-o", "a.isthm", "--minutes", "1", "--steps", "9"], "minutes and steps"],
    [["export"], "Expected -o"],
    [["sample"], "missing required argument"],
    [["sample", "a.isthm", "-n", "0"], "Expected a whole number between 1 and 10000"],
    [["interpolate", "a.png", "b.png"], "Expected -m"],
    [["interpolate", "a.png", "-m", "a.isthm"], "Expected two images"],
    [["interpolate", "a.png", "b.png", "-m", "a.isthm", "--mode", "cubic"], "Allowed choices are linear, spherical"],
  ])("refuses %j", async (args, message) => {
    const { code, stdout, stderr } = await isthmus(args);
    expect([code, stdout.length]).toEqual([2, 0]);
    expect(stderr).toContain(message);
  });

  it("shows stacks only when it is asked to", async () => {
    const { stderr } = await isthmus(["info", "nothing.isth"], { env: { ISTHMUS_DEBUG: "1" } });
    expect(stderr).toMatch(/^\s+at /m);
  });
});
