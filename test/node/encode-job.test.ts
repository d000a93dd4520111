import { mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { inspect, loadCodec, streamMetadata } from "../../src/index.js";
import { encodeJob, readImage } from "../../src/node.js";
import { goldenModel } from "../vectors/golden-files.js";
import { picture, toSharp } from "./pictures.js";
import { temporaryFolder } from "./temporary-folder.js";

const model = goldenModel("photo").bytes;

/** A folder with a picture, and a job that encodes it. */
async function aJob() {
  const folder = await temporaryFolder();
  const input = join(folder, "photo.png");
  await writeFile(input, await toSharp(picture(48, 32)).png().toBuffer());
  return { folder, job: { in: input, out: join(folder, "streams", "deep", "photo.isth"), model, quality: 50 } };
}
const code = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error) => error.code,
  );

describe("encodeJob", () => {
  it("writes the stream of encode, with a record of what it was made from", async () => {
    const { job } = await aJob();
    const codec = await loadCodec({ model });
    const stream = await codec.encode(await readImage(job.in), { quality: 50 });
    const result = await encodeJob(job);
    expect(new Uint8Array(await readFile(job.out))).toEqual(stream);
    expect(result).toMatchObject({ out: job.out, made: true, bytes: stream.length });
    expect(JSON.parse(await readFile(`${job.out}.json`, "utf8"))).toEqual({
      origin: {
        source: result.source,
        model: result.model,
        settings: { quality: 50, effort: 0, alphaQuality: 100, metadata: [] },
      },
      stream: result.stream,
    });
    expect(await readdir(join(job.out, ".."))).toEqual(["photo.isth", "photo.isth.json"]);
  });

  it("does nothing the second time, wherever the picture lies", async () => {
    const { folder, job } = await aJob();
    const first = await encodeJob(job);
    const fileOf = async () => (({ ino, mtimeMs }) => ({ ino, mtimeMs }))(await stat(job.out));
    const before = await fileOf();
    const moved = join(folder, "moved.png");
    await writeFile(moved, await readFile(job.in));
    expect(await encodeJob({ ...job, in: moved, effort: 0 })).toEqual({ ...first, made: false });
    expect(await fileOf()).toEqual(before);
  });

  it("makes the stream again where bytes, model or settings are others", async () => {
    const { folder, job } = await aJob();
    const { stream } = await encodeJob(job);
    const other = await encodeJob({ ...job, quality: 80 });
    expect(other).toMatchObject({ made: true });
    expect(other.stream).not.toBe(stream);
    expect(await encodeJob({ ...job, quality: 80, alphaQuality: 50 })).toMatchObject({ made: true });
    expect(await encodeJob({ ...job, importance: [{ x: 0, y: 0, width: 9, height: 9, weight: 4 }] })).toMatchObject({
      made: true,
    });
    const maps = [1, 2].map((weight) => ({ data: Uint8Array.of(weight, 1), width: 2, height: 1 }));
    for (const importance of maps) expect(await encodeJob({ ...job, importance })).toMatchObject({ made: true });
    expect(await encodeJob({ ...job, importance: maps[1] })).toMatchObject({ made: false });
    expect(await encodeJob({ ...job, model: undefined })).toMatchObject({ made: true });
    await writeFile(join(folder, "model.isthm"), model);
    expect(await encodeJob({ ...job, model: join(folder, "model.isthm") })).toMatchObject({ made: true, stream });
    expect(await encodeJob(job)).toMatchObject({ made: false, stream });
    await writeFile(job.in, await toSharp(picture(32, 48)).png().toBuffer());
    expect(await encodeJob(job)).toMatchObject({ made: true });
    expect(inspect(await readFile(job.out))).toMatchObject({ width: 32, height: 48 });
  });

  it("makes again what was lost, damaged, or is of another run", async () => {
    const { job } = await aJob();
    const { stream } = await encodeJob(job);
    const bytes = await readFile(job.out);
    const spoil = [
      () => rm(job.out),
      () => rm(`${job.out}.json`),
      () => writeFile(job.out, bytes.subarray(0, 20)),
      () =>
        writeFile(
          job.out,
          bytes.map((byte, i) => (i === 30 ? byte ^ 1 : byte)),
        ),
      () => writeFile(`${job.out}.json`, '{"origin":{"sou'),
      () => writeFile(`${job.out}.json`, "null"),
    ];
    for (const harm of spoil) {
      await harm();
      expect(await encodeJob(job)).toMatchObject({ made: true, stream });
      expect(await encodeJob(job)).toMatchObject({ made: false, stream });
    }
  });

  it("gives one whole stream however many do the same job, or others for the same file, at once", async () => {
    const { job } = await aJob();
    const results = await Promise.all(Array.from({ length: 8 }, () => encodeJob(job)));
    expect(new Set(results.map(({ stream }) => stream)).size).toBe(1);
    await Promise.all([30, 50, 80, 50].map((quality) => encodeJob({ ...job, quality })));
    expect(inspect(await readFile(job.out))).toMatchObject({ kind: "stream" });
    expect(await encodeJob(job)).toMatchObject({ stream: results[0].stream });
    expect((await readdir(join(job.out, ".."))).length).toBe(2);
  });

  it("searches for targets and carries metadata as encoding does", async () => {
    const { job } = await aJob();
    const { quality: _, ...searched } = job;
    const { bytes } = await encodeJob({ ...searched, targetBytes: 300 });
    expect(bytes).toBeLessThanOrEqual(300);
    expect(await encodeJob({ ...job, targetBytes: 300 })).toMatchObject({ made: false });
    await writeFile(
      job.in,
      await toSharp(picture(48, 32))
        .withExif({ IFD0: { Artist: "Ada" } })
        .jpeg()
        .toBuffer(),
    );
    await encodeJob({ ...job, metadata: ["exif", "icc"] });
    const exif = streamMetadata(await readFile(job.out))?.exif;
    expect(Buffer.from(exif!).toString("latin1")).toContain("Ada");
    await encodeJob(job);
    expect(streamMetadata(await readFile(job.out))).toBeUndefined();
  });

  it("removes what writers that were killed left behind, and nothing else", async () => {
    const { job } = await aJob();
    const folder = join(job.out, "..");
    await mkdir(folder, { recursive: true });
    const names = [".isthmus-0123456789ab.partial", ".isthmus-ba9876543210.partial", "photo.partial"];
    for (const name of names) await writeFile(join(folder, name), "half");
    const longAgo = new Date(Date.now() - 2 * 3_600_000);
    for (const name of [names[0], names[2]]) await utimes(join(folder, name), longAgo, longAgo);
    await encodeJob(job);
    expect((await readdir(folder)).sort()).toEqual([names[1], "photo.isth", "photo.isth.json", names[2]]);
  });

  it("leaves what is there alone where a job fails", async () => {
    const { folder, job } = await aJob();
    const { stream } = await encodeJob(job);
    const half = (await readFile(job.in)).subarray(0, 60);
    await writeFile(join(folder, "half.png"), half);
    expect(await code(encodeJob({ ...job, in: join(folder, "half.png") }))).toBe("invalid-image");
    expect(await code(encodeJob({ ...job, in: join(folder, "none.png") }))).toBe("file-not-found");
    expect(await code(encodeJob({ ...job, maxPixels: 100, quality: 40 }))).toBe("image-too-large");
    expect(await code(encodeJob({ ...job, model: join(folder, "none.isthm") }))).toBe("file-not-found");
    expect(await code(encodeJob({ ...job, model: half, quality: 40 }))).toBe("not-isthmus");
    expect(await code(encodeJob({ ...job, quality: 40, signal: AbortSignal.abort() }))).toBe("aborted");
    expect(await encodeJob(job)).toMatchObject({ made: false, stream });
  });

  it("tells what cannot be meant", async () => {
    const { folder, job } = await aJob();
    await symlink(job.in, join(folder, "link.png"));
    const expected: [object, RegExp][] = [
      [{ in: "" }, /^Expected a path for in but received ""$/],
      [{ out: undefined }, /^Expected a path for out but received undefined of type undefined$/],
      [{ out: job.in }, /^Expected another file than that of in for out but received /],
      [{ out: join(folder, "link.png") }, /^Expected another file than that of in/],
      [{ quality: 101 }, /^Expected a number between 0 and 100 for quality/],
      [{ qualty: 10 }, /did you mean "quality"/],
      [{ metadata: ["gps"] }, /^Expected a list of icc, exif, xmp for metadata/],
      [{ bare: true }, /but received "bare"/],
    ];
    for (const [change, message] of expected) {
      await expect(encodeJob({ ...job, ...change } as never)).rejects.toThrow(message);
    }
    expect(await code(encodeJob({ ...job, out: folder }))).toBe("output-unwritable");
    expect(await code(encodeJob({ ...job, out: join(job.in, "photo.isth") }))).toBe("output-unwritable");
  });
});
