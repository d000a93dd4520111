import { afterEach, describe, expect, it } from "vitest";
import { UsageError } from "../../src/cli/exit.js";
import { findInputs } from "../../src/cli/inputs.js";
import { planOutputs } from "../../src/cli/output.js";

const { stdin, stdout } = process;
const were = { stdin: stdin.isTTY, stdout: stdout.isTTY };
afterEach(() => {
  stdin.isTTY = were.stdin;
  stdout.isTTY = were.stdout;
});

const input = { path: "-", relative: "-", fromFolder: false };

describe("on a terminal", () => {
  it("bytes are not written unless that is forced", async () => {
    stdout.isTTY = true;
    await expect(planOutputs([input], { output: undefined, force: false }, ".isth")).rejects.toThrow(UsageError);
    await expect(planOutputs([input], { output: "-", force: false }, ".isth")).rejects.toThrow("it is a terminal");
    expect(await planOutputs([input], { output: "-", force: true }, ".isth")).toMatchObject({ toStdout: true });
    expect(await planOutputs([input], { output: "a.isth", force: false }, ".isth")).toMatchObject({ toStdout: false });
  });

  it("bytes are not waited for", async () => {
    stdin.isTTY = true;
    await expect(findInputs(["-"], [".png"])).rejects.toThrow("it is a terminal");
  });
});
