import { mkdir, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { streamMetadata } from "../../src/index.js";
import { readImage } from "../../src/node/read-image.js";
import { p3Profile, pngChunk, withChunks } from "../node/made-files.js";
import { picture, toSharp } from "../node/pictures.js";
import { cliPath, isthmus, objectsOf, runCommand } from "./run-cli.js";
import { useWorkplace } from "./workplace.js";

const { at, leftovers } = useWorkplace();
const model = (): string[] => ["-m", at("photo.isthm")];

/** A folder of two images. */
async function folderOf(name: string): Promise<string> {
  await mkdir(at(name));
  for (const i of [1, 2])
    await toSharp(picture(40, 32))
      .png()
      .toFile(at(name, `${i}.png`));
  return at(name);
}

describe("a second run over the same files", () => {
  it("fails as it must, and says what would help", async () => {
    const folder = await folderOf("again");
    const first = await isthmus(["encode", folder, ...model()]);
    const [bytesIn, bytesOut] = await Promise.all(
      [".png", ".isth"].map(
        async (end) => (await stat(at("again", `1${end}`))).size + (await stat(at("again", `2${end}`))).size,
      ),
    );
    const saved = (100 * (1 - bytesOut / bytesIn)).toFixed(1);
    const numbers = [bytesIn, bytesOut].map((bytes) => bytes.toLocaleString("en"));
    expect(first.stderr).toContain(`2 files, ${numbers[0]} bytes in, ${numbers[1]} bytes out, ${saved} % saved\n`);
    const again = await isthmus(["encode", folder, ...model()]);
    expect([again.code, again.stderr]).toEqual([
      1,
      expect.stringMatching(/but there is one: -f replaces it, --skip-existing and --newer skip what is there/),
    ]);
  });

  it("skips what is there, or what is not older than its input", async () => {
    const folder = await folderOf("incremental");
    await writeFile(at("incremental", "1.isth"), "there");
    const run = (...words: string[]) => isthmus(["encode", folder, ...model(), ...words]);
    const skipping = await run("--skip-existing");
    expect(skipping).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/1\.png: skipped\n(.*\n)*.*; 1 skipped\n/),
    });
    expect(await readFile(at("incremental", "1.isth"), "utf8")).toBe("there");

    const past = new Date(Date.now() - 3_600_000);
    await utimes(at("incremental", "1.isth"), past, past);
    const facts = objectsOf((await run("--newer", "--json")).stdout);
    expect(facts).toMatchObject([{ bytes: expect.any(Number) }, { input: at("incremental", "2.png"), skipped: true }]);
    expect((await run("--newer")).stderr).toContain("2 skipped");
    expect((await isthmus(["decode", folder, "-o", `${folder}/`, ...model(), "--skip-existing"])).stderr).toContain(
      "2 skipped",
    );
    expect((await run("--newer", "-f")).code).toBe(2);
  });
});

describe("what a stream does not hold", () => {
  /** 16-bit Display P3 with EXIF that turns it, and XMP. */
  async function photo(name: string): Promise<string> {
    const plain = await toSharp(picture(40, 32))
      .toColourspace("rgb16")
      .withXmp("<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
      .png()
      .toBuffer();
    await writeFile(at(name), withChunks(plain, pngChunk.icc(p3Profile), pngChunk.exif(6, "somebody")));
    return at(name);
  }

  it("is told, as counts", async () => {
    await mkdir(at("told"));
    await photo("told/a.png");
    await photo("told/b.png");
    const { code, stderr } = await isthmus(["encode", at("told"), ...model()]);
    expect(code).toBe(0);
    expect(stderr).toContain(
      "16 bits (2 files), the profile Display P3 (2 files): brought to one picture of 8-bit sRGB\n",
    );
    expect(stderr).toContain("left out: EXIF (2 files), XMP (2 files) (--metadata keeps it)\n");
    const [facts] = objectsOf((await isthmus(["encode", at("told", "a.png"), "-f", ...model(), "--json"])).stdout);
    expect(facts).toMatchObject({ converted: ["16 bits", "the profile Display P3"], leftOut: ["exif", "xmp"] });
    expect(streamMetadata(await readFile(at("told", "a.isth")))).toBeUndefined();
  });

  it("is carried along where that is wanted, and written again", async () => {
    const source = await photo("carried.png");
    const encode = async (kinds: string) => {
      const run = await isthmus(["encode", source, "-f", "-q", "100", ...model(), "--metadata", kinds]);
      return { ...run, metadata: streamMetadata(await readFile(at("carried.isth"))) };
    };
    const { metadata, stderr } = await encode("all");
    expect(stderr).not.toMatch(/left out|profile/);
    expect(Buffer.from(metadata!.icc!).equals(p3Profile)).toBe(true);
    expect(Buffer.from(metadata!.exif!).includes("somebody")).toBe(true);
    expect(Buffer.from(metadata!.xmp!).toString()).toContain("xmpmeta");
    expect((await isthmus(["decode", at("carried.isth"), "-o", at("back.jpg"), ...model()])).code).toBe(0);
    const back = await sharp(at("back.jpg")).metadata();
    expect(back).toMatchObject({ width: 32, height: 40, orientation: 1 });
    expect(back.icc!.equals(p3Profile)).toBe(true);
    expect([back.exif!.includes("somebody"), back.xmp!.includes("xmpmeta")]).toEqual([true, true]);
    const gif = await isthmus(["decode", at("carried.isth"), "-o", at("back.gif"), ...model()]);
    expect(gif.stderr).toContain("left out: ICC, which GIF does not hold (1 file)");

    // Converted samples without the profile, and unconverted ones under it, show about the same.
    await encode("exif,xmp");
    expect((await isthmus(["decode", at("carried.isth"), "-o", at("converted.png"), ...model()])).code).toBe(0);
    expect(await sharp(at("converted.png")).metadata()).not.toHaveProperty("icc");
    const [shown, converted] = [await readImage(at("back.jpg")), await readImage(at("converted.png"))];
    const mean = (data: Uint8Array) => data.reduce((sum, value) => sum + value, 0) / data.length;
    expect(Math.abs(mean(shown.data) - mean(converted.data))).toBeLessThan(8);
    expect((await encode("none")).metadata).toBeUndefined();
    expect((await encode("all,iptc")).code).toBe(2);
  });

  it("is no picture with faults, where that is wanted", async () => {
    const jpeg = await toSharp(picture(64, 64)).jpeg().toBuffer();
    const scan = jpeg.indexOf(Buffer.from([0xff, 0xda]));
    await writeFile(at("faulty.jpg"), Buffer.concat([jpeg.subarray(0, scan), Buffer.alloc(4), jpeg.subarray(scan)]));
    const lenient = await isthmus(["encode", at("faulty.jpg"), ...model()]);
    expect(lenient).toMatchObject({ code: 0, stderr: expect.stringContaining("faults (1 file)") });
    expect((await isthmus(["encode", at("faulty.jpg"), "-f", "--strict", ...model()])).code).toBe(3);
  });
});

describe("what an output cannot hold", () => {
  it("is told before anything is decoded", async () => {
    await toSharp(picture(40, 32, 4))
      .png()
      .toFile(at("clear.png"));
    expect((await isthmus(["encode", at("clear.png"), ...model()])).code).toBe(0);
    const { code, stderr } = await isthmus(["decode", at("clear.isth"), "-o", at("clear.jpg"), ...model()]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("Expected an image without alpha for a JPEG")]);
    const long = { data: new Uint8Array(16384), width: 16384, height: 1, channels: 1 } as const;
    await toSharp(long).png().toFile(at("long.png"));
    expect((await isthmus(["encode", at("long.png"), ...model()])).code).toBe(0);
    const wide = await isthmus(["decode", at("long.isth"), "-o", at("long.webp"), ...model()]);
    expect([wide.code, wide.stderr]).toEqual([1, expect.stringContaining("at most 16383 pixels a side for a WebP")]);
    expect(await leftovers()).toEqual([]);
  });
});

describe("standard output", () => {
  const shell = (command: string, ...args: string[]) =>
    runCommand("bash", ["-c", command, process.execPath, cliPath, ...args], {});

  it("is also /dev/stdout, and other pipes are written to, not replaced", async () => {
    const encode = ["encode", at("photo.png"), "-o", "/dev/stdout", ...model()];
    const piped = await shell(`"$0" "$@" | cat`, ...encode);
    expect([...piped.stdout.subarray(0, 2)]).toEqual([0xc9, 0x69]);
    const direct = await isthmus(encode);
    expect(direct.stdout.equals(piped.stdout)).toBe(true);
    const to = `"$0" "$1" encode "$2" -m "$3" -o >(cat > "$4"); sleep 0.5`;
    expect((await shell(to, at("photo.png"), at("photo.isthm"), at("by-pipe.isth"))).code).toBe(0);
    expect((await readFile(at("by-pipe.isth"))).equals(piped.stdout)).toBe(true);
  });

  it("that is full is a failure", async () => {
    await isthmus(["encode", at("photo.png"), "-o", at("full.isth"), ...model()]);
    for (const args of [
      ["info", at("full.isth")],
      ["models"],
      ["verify", at("full.isth"), "--json", ...model()],
      ["encode", at("photo.png"), "-o", at("full.isth"), "-f", "--json", ...model()],
    ]) {
      const { code, stderr } = await shell(`"$0" "$@" > /dev/full`, ...args);
      expect([code, stderr]).toEqual([1, expect.stringContaining("standard output but the disk is full")]);
    }
  });

  it("whose reader has gone leaves nothing behind", async () => {
    await mkdir(at("gone"));
    await toSharp(picture(3000, 2000)).png({ compressionLevel: 1 }).toFile(at("gone", "0.png"));
    for (const i of [1, 2, 3]) await writeFile(at("gone", `${i}.png`), await readFile(at("gone", "0.png")));
    const run = await shell(
      `"$0" "$@" | head -c 1; exit "\${PIPESTATUS[0]}"`,
      "encode",
      at("gone"),
      "--json",
      ...model(),
    );
    expect([run.code, run.stderr]).toEqual([1, ""]);
    expect(await leftovers()).toEqual([]);
  });
});

it("the end of the terminal is an interruption, too", async () => {
  await mkdir(at("hangup"));
  await toSharp(picture(40, 32)).png().toFile(at("hangup", "0.png"));
  await toSharp(picture(3000, 2000)).png({ compressionLevel: 1 }).toFile(at("hangup", "1.png"));
  const interrupt = { at: "0.png", signal: "SIGHUP" } as const;
  const run = await isthmus(["encode", at("hangup"), "--effort", "6", ...model()], { interrupt });
  expect(run.code).toBe(130);
  expect((await readdir(at("hangup"))).sort()).toEqual(["0.isth", "0.png", "1.png"]);
});
