import { open, readFile, rm, stat, writeFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { type ContainerParts, writeContainer } from "../../src/codec/stream/container.js";
import { loadModel } from "../../src/index.js";
import { picture, toSharp } from "../node/pictures.js";
import { isthmus, objectsOf } from "./run-cli.js";
import { useWorkplace } from "./workplace.js";

const { at } = useWorkplace();
const modelId = async (name: string): Promise<string> => loadModel(await readFile(at(name))).id;

beforeAll(async () => {
  expect((await isthmus(["encode", at("photo.png"), "-m", at("photo.isthm")])).code).toBe(0);
  const stream = await readFile(at("photo.isth"));
  stream[stream.length - 9] ^= 1;
  await writeFile(at("broken.isth"), stream);
});

describe("info", () => {
  it("tells of streams and models", async () => {
    const { code, stdout } = await isthmus(["info", at("photo.isth"), at("photo.isthm"), "--json"]);
    expect(code).toBe(0);
    const id = await modelId("photo.isthm");
    const bytes = (await stat(at("photo.isth"))).size;
    expect(objectsOf(stdout)).toMatchObject([
      { input: at("photo.isth"), kind: "stream", width: 40, height: 32, bytes, modelId: id },
      { input: at("photo.isthm"), kind: "model", preset: "photo", id },
    ]);
  });

  it("tells people the same", async () => {
    const { stdout } = await isthmus(["info", at("photo.isth")]);
    expect(stdout.toString()).toMatch(/width: +40\n/);
  });

  it("calls a lossless stream so, and tells no quality of it", async () => {
    const ink = { width: 40, height: 32, channels: 1, data: new Uint8Array(1280).fill(255, 600) } as const;
    await toSharp(ink).png().toFile(at("ink.png"));
    await isthmus(["encode", at("ink.png"), "-o", at("ink.isth"), "-m", at("photo.isthm"), "-q", "100"]);
    const [facts] = objectsOf((await isthmus(["info", at("ink.isth"), "--json"])).stdout);
    expect(facts).toMatchObject({ lossless: true, channels: "grey" });
    expect(facts).not.toHaveProperty("quality");
    expect((await isthmus(["info", at("ink.isth")])).stdout.toString()).toMatch(/lossless: +true\n/);
  });

  it("refuses what is neither", async () => {
    expect(await isthmus(["info", at("photo.png")])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("photo.png"),
    });
    expect(await isthmus(["info", "-"], { stdin: await readFile(at("photo.isth")) })).toMatchObject({ code: 0 });
  });
});

describe("limits", () => {
  it("refuse models by their length, before they are read", async () => {
    const file = await open(at("huge.isthm"), "w");
    await file.truncate(900e6);
    await file.close();
    for (const words of [
      ["verify", at("huge.isthm"), "--max-model-bytes", "1000"],
      ["info", at("huge.isthm")],
      ["models", at("huge.isthm")],
    ]) {
      const { code, stderr } = await isthmus(words);
      const most = words.includes("1000") ? "1000" : "67108864";
      expect([code, stderr]).toEqual([3, expect.stringContaining(`at most ${most} bytes in`)]);
    }
    await rm(at("huge.isthm"));
  });

  it.each([
    ["--max-pixels", "1279", 1, /1279 pixels/],
    ["--max-memory", "65536", 1, /65536 bytes of WebAssembly memory/],
    ["--max-model-bytes", "1000", 3, /at most 1000 bytes/],
  ])("refuse with %s %s", async (name, value, code, message) => {
    for (const command of [["verify"], ["decode", "-f", "-o", at("limited.png")]]) {
      const { code: received, stderr } = await isthmus([
        ...command,
        at("photo.isth"),
        "-m",
        at("photo.isthm"),
        name,
        value,
      ]);
      expect([received, stderr]).toEqual([code, expect.stringMatching(message)]);
    }
    expect(await isthmus(["verify", at("photo.isth"), "-m", at("photo.isthm"), name, "none"])).toMatchObject({
      code: 2,
    });
    await expect(stat(at("limited.png"))).rejects.toThrow();
  });

  it("may lie above the defaults", async () => {
    const model = loadModel(await readFile(at("photo.isthm")));
    const modelId = Uint8Array.from(model.id.match(/../g)!, (digits) => Number.parseInt(digits, 16));
    const parts = { modelId, width: 1 << 16, height: 1 << 13, grey: true, payload: "plane", plane: new Uint8Array(9) };
    await writeFile(at("vast.isth"), writeContainer(parts as unknown as ContainerParts));
    const verify = (...words: string[]) => isthmus(["verify", at("vast.isth"), "-m", at("photo.isthm"), ...words]);
    expect((await verify()).stderr).toContain("at most 268435456 pixels");
    const raised = await verify("--max-pixels", String(2 ** 29));
    expect([raised.code, raised.stderr]).toEqual([3, expect.not.stringContaining("at most")]);
    const small = await isthmus(["encode", at("photo.png"), "-o", at("small.isth"), "--max-pixels", "1279"]);
    expect([small.code, small.stderr]).toEqual([1, expect.stringContaining("at most 1279 pixels")]);
  });

  it("let pass what they allow", async () => {
    const generous = ["--max-pixels", "1280", "--max-memory", String(2 ** 28), "--max-model-bytes", String(2 ** 26)];
    expect(await isthmus(["verify", at("photo.isth"), "-m", at("photo.isthm"), ...generous])).toMatchObject({
      code: 0,
    });
  });
});

describe("verify", () => {
  it("passes what is whole and names what is not", async () => {
    const sound = await isthmus(["verify", at("photo.isth"), at("photo.isthm"), "-m", at("photo.isthm"), "--json"]);
    expect(sound.code).toBe(0);
    expect(objectsOf(sound.stdout)).toMatchObject([
      { ok: true, kind: "stream" },
      { ok: true, kind: "model" },
    ]);
    const broken = await isthmus(["verify", at("photo.isth"), at("broken.isth"), "-m", at("photo.isthm")]);
    expect(broken.code).toBe(3);
    expect(broken.stderr).toContain("photo.isth: ok");
    expect(broken.stderr).toMatch(/broken\.isth: /);
    expect((await isthmus(["verify", at("photo.isth"), "-m", at("vector.isthm")])).code).toBe(4);
  });
});

describe("models", () => {
  it("lists files and folders", async () => {
    const { code, stdout } = await isthmus(["models", at("*.isthm"), "--json"]);
    expect(code).toBe(0);
    const given = objectsOf(stdout).filter(({ input }) => input !== "(embedded default)");
    expect(given).toMatchObject([
      { input: at("photo.isthm"), preset: "photo", id: await modelId("photo.isthm") },
      { input: at("vector.isthm"), preset: "vector", id: await modelId("vector.isthm") },
    ]);
    expect((await isthmus(["models", at("vector.isthm")])).stdout.toString()).toMatch(
      /vector\.isthm +[0-9a-f]{16} +vector/,
    );
  });
});

describe("export", () => {
  it("writes what a receiver needs, and no more", async () => {
    const receiver = at("receiver.isthm");
    const { code } = await isthmus(["export", at("photo.isthm"), "--receiver", "-o", receiver]);
    expect(code).toBe(0);
    expect((await stat(receiver)).size).toBeLessThan((await stat(at("photo.isthm"))).size);
    expect((await isthmus(["decode", at("photo.isth"), "-o", at("received.png"), "-m", receiver])).code).toBe(0);
    expect((await isthmus(["decode", at("photo.isth"), "-o", at("sent.png"), "-m", at("photo.isthm")])).code).toBe(0);
    expect(await readFile(at("received.png"))).toEqual(await readFile(at("sent.png")));
    const encoding = await isthmus(["encode", at("photo.png"), "-o", at("no.isth"), "-m", receiver]);
    expect([encoding.code, encoding.stderr]).toEqual([4, expect.stringContaining("receiver")]);
    expect((await isthmus(["export", at("photo.isthm"), "-o", receiver])).code).toBe(1);
  });
});

describe("try", () => {
  it("compares with the codecs of the web and draws a picture", async () => {
    const output = at("try.png");
    const { code, stdout } = await isthmus(["try", at("photo.png"), "-m", at("photo.isthm"), "-o", output, "--json"]);
    expect(code).toBe(0);
    const [facts] = objectsOf(stdout);
    expect(facts.codecs.map(({ codec }: { codec: string }) => codec)).toEqual([
      "Isthmus",
      "JPEG (mozjpeg)",
      "WebP",
      "AVIF 4:4:4",
    ]);
    for (const row of facts.codecs) {
      expect(row.bytes).toBeGreaterThan(0);
      expect(Math.abs(row.ssimulacra2 - facts.codecs[0].ssimulacra2)).toBeLessThan(3);
    }
    expect([...(await readFile(output)).subarray(1, 4)]).toEqual([..."PNG"].map((letter) => letter.charCodeAt(0)));
    const table = await isthmus(["try", at("photo.png"), "-m", at("photo.isthm"), "-o", output, "-f"]);
    expect(table.stdout.toString()).toMatch(/Isthmus +[\d,]+ +[\d.]+ +[\d.]+ +[\d.]+ +0\.\d+/);
    expect(table.stdout.toString()).toContain("the others at the nearest SSIMULACRA 2");
    expect((await isthmus(["try", at("photo.png"), "-m", at("photo.isthm"), "-o", output])).code).toBe(1);
  });

  it("compares at the nearest PSNR where a picture is too small for a score", async () => {
    await toSharp(picture(20, 7)).png().toFile(at("sliver.png"));
    const args = ["try", at("sliver.png"), "-m", at("photo.isthm"), "-o", at("sliver-try.png")];
    const { code, stdout } = await isthmus(args);
    expect([code, stdout.toString()]).toEqual([
      0,
      expect.stringContaining("nearest PSNR (too small for SSIMULACRA 2)"),
    ]);
    expect(stdout.toString()).toMatch(/Isthmus .* too small /);
  });
});
