import { copyFile, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { psnr } from "../../src/image/psnr.js";
import { readImage, readImageSize } from "../../src/node/read-image.js";
import { picture, toSharp } from "../node/pictures.js";
import { cliPath, inputRead, isthmus, objectsOf, runCommand } from "./run-cli.js";
import { useWorkplace } from "./workplace.js";

const { at, leftovers } = useWorkplace();
const model = (): string[] => ["-m", at("photo.isthm")];

async function encodePhoto(name: string): Promise<string> {
  const stream = at(name);
  const { code, stderr } = await isthmus(["encode", at("photo.png"), "-o", stream, ...model()]);
  expect([code, stderr]).toEqual([0, expect.stringContaining("40 x 32")]);
  return stream;
}

/** A stream of the photo, made once. */
let encoded: Promise<string> | undefined;
const whole = (): Promise<string> => {
  encoded ??= encodePhoto("whole.isth");
  return encoded;
};

describe("encode and decode", () => {
  it("go by files and report as JSON", async () => {
    const [stream, decoded] = [at("a.isth"), at("a.png")];
    const encoded = await isthmus([
      "encode",
      at("photo.png"),
      "-o",
      stream,
      ...model(),
      "-q",
      "70",
      "--metrics",
      "--json",
    ]);
    expect(encoded).toMatchObject({ code: 0, stderr: "" });
    const [facts] = objectsOf(encoded.stdout);
    const bytes = (await stat(stream)).size;
    expect(facts).toMatchObject({ input: at("photo.png"), output: stream, bytes, width: 40, height: 32, quality: 70 });
    expect(facts.bpp).toBeCloseTo((bytes * 8) / (40 * 32), 4);
    expect(facts.ms).toBeGreaterThan(0);

    const { code, stdout } = await isthmus(["decode", stream, "-o", decoded, ...model(), "--json"]);
    expect(code).toBe(0);
    expect(objectsOf(stdout)).toMatchObject([
      { input: stream, output: decoded, width: 40, height: 32, model: facts.model },
    ]);
    expect(psnr(await readImage(at("photo.png")), await readImage(decoded))).toBeCloseTo(facts.psnr, 3);
    expect(facts.ssim).toBeLessThanOrEqual(1);
  });

  it("give the bytes to what an importance map shows", async () => {
    await toSharp({ data: Uint8Array.of(255, 20), width: 2, height: 1, channels: 1 })
      .png()
      .toFile(at("map.png"));
    const encodeTo = (name: string, ...more: string[]) =>
      isthmus(["encode", at("photo.png"), "-o", at(name), ...model(), ...more]);
    expect(await encodeTo("even.isth")).toMatchObject({ code: 0 });
    expect(await encodeTo("uneven.isth", "--importance", at("map.png"))).toMatchObject({ code: 0 });
    const facts = objectsOf((await isthmus(["info", at("even.isth"), at("uneven.isth"), "--json"])).stdout);
    expect(facts).toMatchObject([{ places: false }, { places: true, sections: { places: expect.any(Number) } }]);
    const missing = await encodeTo("none.isth", "--importance", at("nowhere.png"));
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining("nowhere.png") });
    await toSharp({ data: Uint8Array.of(0), width: 1, height: 1, channels: 1 })
      .png()
      .toFile(at("black.png"));
    const black = await encodeTo("none.isth", "--importance", at("black.png"));
    expect(black).toMatchObject({ code: 2, stderr: expect.stringContaining("a number above 0 somewhere") });
  });

  it("search for what was asked for, and report what was reached", async () => {
    const encodeTo = (...goal: string[]) =>
      isthmus(["encode", at("photo.png"), "-o", at("goal.isth"), "-f", ...model(), "--json", ...goal]);
    const least = objectsOf((await encodeTo("-q", "0")).stdout)[0].bytes;
    const fitting = await encodeTo("--target-bytes", String(least + 30), "--effort", "2");
    expect(fitting).toMatchObject({ code: 0, stderr: "" });
    const [fits] = objectsOf(fitting.stdout);
    expect(fits.bytes).toBe((await stat(at("goal.isth"))).size);
    expect(fits.bytes).toBeLessThanOrEqual(least + 30);
    expect(fits).toMatchObject({ effort: 2 });

    const [alike] = objectsOf((await encodeTo("--target-psnr", "12")).stdout);
    expect(alike.psnr).toBeGreaterThanOrEqual(12);
    const again = objectsOf((await encodeTo("-q", String(alike.quality), "--metrics")).stdout)[0];
    expect(again).toMatchObject({ bytes: alike.bytes, psnr: alike.psnr });

    const [seen] = objectsOf((await encodeTo("--target-score", "30", "--metrics")).stdout);
    expect(seen.ssimulacra2).toBeGreaterThanOrEqual(30);
    expect(seen.bytes).toBe((await stat(at("goal.isth"))).size);
    const [onlySeen] = objectsOf((await encodeTo("--target-score", "30")).stdout);
    expect(onlySeen).toMatchObject({ bytes: seen.bytes, ssimulacra2: seen.ssimulacra2 });
    expect(onlySeen).not.toHaveProperty("psnr");
  });

  it("say that a picture is too small for a score", async () => {
    await toSharp(picture(20, 7)).png().toFile(at("sliver.png"));
    const encodeTo = (...words: string[]) =>
      isthmus(["encode", at("sliver.png"), "-o", at("sliver.isth"), "-f", ...model(), ...words]);
    expect((await encodeTo("--metrics")).stderr).toContain("too small for SSIMULACRA 2, ");
    expect(objectsOf((await encodeTo("--metrics", "--json")).stdout)).toMatchObject([{ ssimulacra2: null }]);
    const refused = await encodeTo("--target-score", "50");
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("Expected at least 8 x 8 pixels")]);
  });

  it("keep as many levels of alpha as they are told", async () => {
    await toSharp(picture(40, 32, 4))
      .png()
      .toFile(at("alpha.png"));
    const levels = async (...words: string[]) => {
      await isthmus(["encode", at("alpha.png"), "-o", at("alpha.isth"), "-f", ...model(), ...words]);
      await isthmus(["decode", at("alpha.isth"), "-o", at("alpha-back.png"), "-f", ...model()]);
      const { data } = await readImage(await readFile(at("alpha-back.png")));
      return new Set(data.filter((_, i) => i % 4 === 3)).size;
    };
    expect(await levels()).toBe(71);
    expect(await levels("--alpha-quality", "30")).toBe(8);
  });

  it("fail, and write nothing, where a target cannot be reached", async () => {
    for (const [goal, message] of [
      [["--target-bytes", "5"], "bytes for targetBytes"],
      [["--target-psnr", "99"], "dB for targetPsnr"],
      [["--target-score", "100"], "for targetScore but received 100"],
    ] as const) {
      const { code, stdout, stderr } = await isthmus([
        "encode",
        at("photo.png"),
        "-o",
        at("no.isth"),
        ...model(),
        ...goal,
      ]);
      expect([code, stdout.length]).toEqual([1, 0]);
      expect(stderr).toContain(message);
      await expect(stat(at("no.isth"))).rejects.toMatchObject({ code: "ENOENT" });
    }
  });

  it("go by pipes, with PNG out", async () => {
    const encoded = await isthmus(["encode", "-", ...model()], { stdin: await readFile(at("photo.png")) });
    expect(encoded.code).toBe(0);
    const decoded = await isthmus(["decode", "-", ...model(), "--json"], { stdin: encoded.stdout });
    expect(decoded.code).toBe(0);
    expect(await readImage(decoded.stdout)).toMatchObject({ width: 40, height: 32, channels: 3 });
    // Standard output holds the image, so the facts go to the other stream.
    expect(objectsOf(Buffer.from(decoded.stderr))).toMatchObject([{ input: "-", output: "-" }]);
  });

  it("choose names beside the inputs", async () => {
    await copyFile(at("photo.png"), at("named.v2.png"));
    expect((await isthmus(["encode", at("named.v2.png"), ...model()])).code).toBe(0);
    const { code, stderr } = await isthmus(["decode", at("named.v2.isth"), ...model()]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("Expected no file at")]);
    expect(await readImage(at("named.v2.png"))).toEqual(picture(40, 32));
    expect((await isthmus(["decode", at("named.v2.isth"), ...model(), "-f"])).code).toBe(0);
    expect(await readImage(at("named.v2.png"))).not.toEqual(picture(40, 32));
  });

  it("never write over their input", async () => {
    const stream = await whole();
    const before = await readFile(stream);
    const { code } = await isthmus(["decode", stream, "-o", stream, ...model(), "-f"]);
    expect(code).toBe(2);
    expect(await readFile(stream)).toEqual(before);
  });

  it("keep alpha and grey", async () => {
    for (const channels of [1, 2, 4] as const) {
      const [image, stream, decoded] = ["png", "isth", "back.png"].map((end) => at(`channels${channels}.${end}`));
      await toSharp(picture(40, 32, channels))
        .png()
        .toFile(image);
      expect((await isthmus(["encode", image, "-o", stream, ...model()])).code).toBe(0);
      expect((await isthmus(["decode", stream, "-o", decoded, ...model()])).code).toBe(0);
      expect(await readImage(decoded)).toMatchObject({ width: 40, height: 32, channels });
    }
  });

  it("go through folders and go on after a bad file", async () => {
    await mkdir(at("batch", "inner"), { recursive: true });
    for (const name of ["1.png", "inner/2.png", "3.webp"]) await copyFile(at("photo.png"), at("batch", name));
    await writeFile(at("batch", "2.jpg"), "words");
    const { code, stdout, stderr } = await isthmus(["encode", at("batch"), "-o", at("out"), ...model(), "--json"]);
    expect(code).toBe(3);
    expect(stderr).toContain("1 of 4 files failed");
    const objects = objectsOf(stdout);
    expect(objects.map(({ input }) => input)).toEqual(
      ["1.png", "2.jpg", "3.webp", "inner/2.png"].map((name) => at("batch", name)),
    );
    expect(objects[1].error).toMatchObject({ code: "invalid-image" });
    expect((await readdir(at("out"), { recursive: true })).sort()).toEqual([
      "1.isth",
      "3.isth",
      "inner",
      "inner/2.isth",
    ]);

    const decoded = await isthmus(["decode", at("out/**/*.isth"), "-o", `${at("back")}/`, ...model()]);
    // Globs keep no folders, so that two of the three streams have a name of their own.
    expect(decoded.code).toBe(0);
    expect((await readdir(at("back"))).sort()).toEqual(["1.png", "2.png", "3.png"]);
  });

  it("share files out to threads, with the same results in the same order", async () => {
    await mkdir(at("many"));
    for (let i = 0; i < 6; i++) await copyFile(at("photo.png"), at("many", `${i}.png`));
    await writeFile(at("many", "3.png"), "words");
    const encodeBy = (threads: string, folder: string) =>
      isthmus(["encode", at("many"), "-o", at(folder), ...model(), "--json", "--threads", threads, "--metrics"]);
    const [one, two] = [await encodeBy("1", "by-one"), await encodeBy("2", "by-two")];
    expect([one.code, two.code]).toEqual([3, 3]);
    const facts = ({ stdout }: typeof one) =>
      objectsOf(stdout).map(({ input, bytes, psnr, error }) => ({ input, bytes, psnr, error }));
    expect(facts(two)).toEqual(facts(one));
    expect(facts(two).map(({ input }) => input)).toEqual([0, 1, 2, 3, 4, 5].map((i) => at("many", `${i}.png`)));
    for (const name of await readdir(at("by-one"))) {
      expect(await readFile(at("by-two", name))).toEqual(await readFile(at("by-one", name)));
    }
    await writeFile(at("by-two", "1.isth"), (await readFile(at("by-two", "0.isth"))).subarray(0, 60));
    const decoded = await isthmus(["decode", at("by-two"), ...model(), "--json", "--threads", "2"]);
    expect(decoded.code).toBe(3);
    expect(objectsOf(decoded.stdout)).toMatchObject([
      { width: 40, height: 32 },
      { error: { code: "corrupt" } },
      { width: 40, height: 32 },
      { width: 40, height: 32 },
      { width: 40, height: 32 },
    ]);
  });

  it("do not write two results into one file", async () => {
    for (const folder of ["same", "other"]) {
      await mkdir(at(folder));
      await copyFile(at("photo.png"), at(folder, "a.png"));
    }
    for (const name of ["a.webp", "b.png"]) await copyFile(at("photo.png"), at("same", name));
    expect((await isthmus(["encode", at("same"), ...model()])).code).toBe(0);
    const streams = (await readdir(at("same"))).filter((name) => name.endsWith(".isth"));
    expect(streams.sort()).toEqual(["a.png.isth", "a.webp.isth", "b.isth"]);

    const inputs = [at("same", "b.png"), at("same", "a.png"), at("other", "a.png")];
    const { code, stderr } = await isthmus(["encode", ...inputs, "-o", `${at("flat")}/`, ...model()]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("which an earlier input was written to")]);
  });

  it.each([
    ["nothing.png", 1, "Expected a file at"],
    ["words.png", 3, "it is none of them, or damaged"],
    ["empty.png", 3, "it is empty"],
    ["cut.png", 3, "decoding failed"],
    ["folder", 1, "found none"],
  ])("encode says what is wrong with %s", async (name, exitCode, message) => {
    await writeFile(at("words.png"), "These are words.");
    await writeFile(at("empty.png"), "");
    await writeFile(at("cut.png"), (await readFile(at("photo.png"))).subarray(0, 500));
    await mkdir(at("folder"), { recursive: true });
    const { code, stdout, stderr } = await isthmus(["encode", at(name), "-o", at("bad.isth"), ...model(), "--json"]);
    expect([code, stderr]).toEqual([exitCode, expect.stringContaining(message)]);
    expect(objectsOf(stdout)).toMatchObject([{ input: at(name), error: { code: expect.stringMatching(/^[a-z-]+$/) } }]);
    await expect(stat(at("bad.isth"))).rejects.toThrow();
  });

  it("say that standard input is empty", async () => {
    const { code, stderr } = await isthmus(["encode", "-", ...model()]);
    expect([code, stderr]).toEqual([3, expect.stringContaining("in standard input but it is empty")]);
  });

  it.each([
    ["empty", () => new Uint8Array(0), "truncated"],
    ["words", () => Buffer.from("These are words, not a stream."), "not-isthmus"],
    ["an image", () => readFile(at("photo.png")), "not-isthmus"],
    ["a model", () => readFile(at("photo.isthm")), "not-isthmus"],
    ["a cut stream", (stream: Buffer) => stream.subarray(0, stream.length - 7), "corrupt"],
    ["a few bytes", (stream: Buffer) => stream.subarray(0, 9), "truncated"],
    ["a flipped bit", (stream: Buffer) => change(stream, stream.length - 9, 4), "corrupt"],
    ["a newer version", (stream: Buffer) => change(stream, 2, 0xf0), "unsupported-version"],
  ])("decode refuses %s", async (_, damage, errorCode) => {
    const stream = await damage(await readFile(await whole()));
    await writeFile(at("damaged.isth"), stream);
    const { code, stdout } = await isthmus(["decode", at("damaged.isth"), "-o", at("no.png"), ...model(), "--json"]);
    expect(code).toBe(3);
    expect(objectsOf(stdout)).toMatchObject([{ error: { code: errorCode } }]);
    await expect(stat(at("no.png"))).rejects.toThrow();
  });

  it("need the right model", async () => {
    const stream = await whole();
    const decode = async (...args: string[]) => {
      const { code, stdout } = await isthmus(["decode", stream, "-o", at("no.png"), "--json", ...args]);
      return [code, objectsOf(stdout)[0].error.code];
    };
    expect(await decode("-m", at("vector.isthm"))).toEqual([4, "model-mismatch"]);
    expect(await decode("-m", at("nothing.isthm"))).toEqual([4, "model-missing"]);
    expect(await decode()).toEqual([4, "model-missing"]);
    await writeFile(at("words.isthm"), "These are words, and many of them.");
    expect(await decode("-m", at("words.isthm"))).toEqual([3, "not-isthmus"]);
    // Of several models, and of a folder of them, the one that the stream names is taken.
    expect((await isthmus(["decode", stream, "-o", at("yes.png"), "-m", at("vector.isthm"), ...model()])).code).toBe(0);
  });

  it("refuse an image that the model is not for", async () => {
    const { code, stderr } = await isthmus(["encode", at("photo.png"), "-o", at("no.isth"), "-m", at("vector.isthm")]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("Expected 12 x 10 pixels")]);
  });

  it("leave nothing behind where the disk is full or the output cannot be", async () => {
    const full = await isthmus(["encode", at("photo.png"), "-o", "/dev/full", ...model()]);
    expect([full.code, full.stderr]).toEqual([1, expect.stringContaining("the disk is full")]);
    const missing = await isthmus(["encode", at("photo.png"), "-o", at("no", "a.isth"), ...model()]);
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining("Expected to write")]);
    const blocked = await isthmus(["encode", at("photo.png"), "-o", at("photo.png", "a.isth"), ...model()]);
    expect([blocked.code, blocked.stderr]).toEqual([1, expect.stringContaining("not a folder")]);

    // A limit on file sizes ends the write in its middle.
    await toSharp(picture(200, 200)).png().toFile(at("larger.png"));
    await isthmus(["encode", at("larger.png"), ...model()]);
    const command = `ulimit -f 1; exec "$0" "$@"`;
    const args = [process.execPath, cliPath, "decode", at("larger.isth"), "-o", at("limited.png"), ...model()];
    const limited = await runCommand("bash", ["-c", command, ...args], {});
    expect([limited.code, limited.stderr]).toEqual([1, expect.stringContaining("larger than allowed")]);
    await expect(stat(at("limited.png"))).rejects.toThrow();

    // So does it where the rows of a large image go through a temporary file.
    const large = sharp({ create: { width: 4200, height: 4000, channels: 3, background: "#123456" } });
    await large.png().toFile(at("too-large.png"));
    const rows = [process.execPath, cliPath, "encode", at("too-large.png"), ...model()];
    const limitedRows = await runCommand("bash", ["-c", `ulimit -f 9000; exec "$0" "$@"`, ...rows], {});
    expect([limitedRows.code, limitedRows.stderr]).toEqual([1, expect.stringMatching(/write .*larger than allowed/)]);
    expect(await leftovers()).toEqual([]);
  });

  it("stream large images, to the same bytes as from memory", async () => {
    const [width, height] = [4200, 4000];
    const shades = picture(60, 40, 1);
    const large = toSharp(shades).resize(width, height).toColourspace("srgb").png({ compressionLevel: 1 });
    await large.toFile(at("huge.png"));
    // Metrics need the image twice, so that it is held in memory.
    for (const [name, options] of [
      ["rows.isth", []],
      ["memory.isth", ["--metrics"]],
    ] as const) {
      const { code, stderr } = await isthmus(["encode", at("huge.png"), "-o", at(name), ...model(), ...options]);
      expect([code, stderr]).toEqual([0, expect.stringContaining(`${width} x ${height}`)]);
    }
    expect((await readFile(at("rows.isth"))).equals(await readFile(at("memory.isth")))).toBe(true);
    const { code, stdout } = await isthmus(["decode", at("rows.isth"), "-o", at("huge-2.png"), ...model(), "--json"]);
    expect(code).toBe(0);
    const bytes = (await stat(at("huge-2.png"))).size;
    expect(objectsOf(stdout)).toMatchObject([{ width, height, channels: 3, bytes }]);
    expect(await readImageSize(at("huge-2.png"))).toEqual({ width, height });
    expect(await leftovers()).toEqual([]);
  });

  it("end at ^C without half a file", async () => {
    // Interrupted as soon as the first of many is done, in the middle of the second.
    const copies = Array.from({ length: 40 }, (_, i) => at(`large-${i}.png`));
    await toSharp(picture(1500, 1000)).png({ compressionLevel: 1 }).toFile(copies[0]);
    for (const copy of copies.slice(1)) await copyFile(copies[0], copy);
    const busy = await isthmus(["encode", ...copies, "--json", ...model()], { interrupt: { at: "large-0.isth" } });
    expect(busy.code).toBe(130);
    await expect(stat(at("large-39.isth"))).rejects.toThrow();
    const waiting = await isthmus(["encode", "-", "-o", at("large.isth"), ...model()], {
      interrupt: { at: inputRead },
      stdin: "open",
    });
    expect(waiting.code).toBe(130);
    expect(await leftovers()).toEqual([]);
  });

  it("end quietly where nobody reads what they write", async () => {
    const { code, stderr } = await isthmus(["encode", at("photo.png"), "-o", "-", ...model(), "--quiet"], {
      closeStdout: true,
    });
    expect([code, stderr]).toEqual([1, ""]);
  });
});

function change(stream: Buffer, position: number, mask: number): Buffer {
  const changed = Buffer.from(stream);
  changed[position] ^= mask;
  return changed;
}
