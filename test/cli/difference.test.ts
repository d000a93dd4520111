import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { readSafetensors, writeSafetensors } from "../../src/ground/safetensors.js";
import { defaultModel, Model } from "../../src/index.js";
import { picture, toSharp } from "../node/pictures.js";
import { goldenModel } from "../vectors/golden-files.js";
import { isthmus, objectsOf } from "./run-cli.js";
import { useWorkplace } from "./workplace.js";

const { at } = useWorkplace();

describe("own models as differences", () => {
  it("are trained, exported, sent and received with nothing but the package and the difference", async () => {
    const { id } = await defaultModel();
    await mkdir(at("own"));
    for (const i of [0, 1, 2])
      await toSharp(picture(72 + 8 * i, 64))
        .png()
        .toFile(at("own", `${i}.png`));
    const options = [
      "--preset",
      "photo",
      "--from",
      "default",
      "--steps",
      "2",
      "--difference",
      "20000",
      "--threads",
      "1",
    ];
    const trained = await isthmus(["train", at("own"), "-o", at("own.isthm"), ...options, "--no-report"]);
    expect([trained.code, trained.stderr]).toEqual([
      0,
      expect.stringContaining("the difference to the embedded model"),
    ]);
    const half = ["export", "--receiver", at("own.isthm"), "-o", at("half.isthm")];
    const exported = await isthmus(half);
    expect(exported.stderr).toContain("for receivers, the difference to the embedded model");
    expect((await readFile(at("half.isthm"))).length).toBeLessThan(21_000);
    expect((await isthmus([...half, "-f", "--alone"])).code).toBe(0);
    expect((await readFile(at("half.isthm"))).length).toBeGreaterThan(150_000);
    const json = await isthmus([...half, "-f", "--json"]);
    expect(objectsOf(json.stdout)).toMatchObject([{ receiver: true, parent: id }]);

    const encoded = await isthmus(["encode", at("own", "0.png"), "-o", at("0.isth"), "-m", at("own.isthm")]);
    expect(encoded.code).toBe(0);
    const decoded = await isthmus(["decode", at("0.isth"), "-o", at("0.png"), "-m", at("half.isthm")]);
    expect(decoded.code).toBe(0);
    expect((await isthmus(["decode", at("0.isth"), "-o", at("1.png"), "-m", at("own.isthm")])).code).toBe(0);
    expect(await readFile(at("0.png"))).toEqual(await readFile(at("1.png")));
    expect((await isthmus(["info", at("half.isthm")])).stdout.toString()).toMatch(new RegExp(`parent: +${id}`));
    expect((await isthmus(["models", at("own.isthm")])).code).toBe(0);
  });

  describe("to a model that is not the embedded one", () => {
    const parent = goldenModel("photo");
    let child: Model;

    beforeAll(async () => {
      const { tensors, metadata } = readSafetensors(parent.safetensors());
      tensors.get("inverseGain.offset")!.data[2] ^= 1;
      child = Model.read(writeSafetensors({ tensors, metadata }));
      await mkdir(at("child"));
      await mkdir(at("elsewhere"));
      await writeFile(at("child", "child.isthm"), child.coded({ parent }));
      await writeFile(at("elsewhere", "base.isthm"), parent.bytes);
    });

    it("find it beside them or among the models that are given, and name it where it is nowhere", async () => {
      const encode = ["encode", at("photo.png"), "-o", at("c.isth"), "-f", "-m", at("child", "child.isthm")];
      const missing = await isthmus(encode);
      expect([missing.code, missing.stderr]).toEqual([
        4,
        expect.stringContaining(`Expected model ${parent.id}, to which`),
      ]);
      expect((await isthmus(["info", at("child", "child.isthm")])).stdout.toString()).toContain(parent.id);
      await rename(at("elsewhere", "base.isthm"), at("child", "base.isthm"));
      expect((await isthmus(encode)).code).toBe(0);
      await rename(at("child", "base.isthm"), at("elsewhere", "base.isthm"));
      const decode = ["decode", at("c.isth"), "-o", at("c.png"), "-m", at("child")];
      expect((await isthmus(decode)).code).toBe(4);
      expect((await isthmus([...decode, "-m", at("elsewhere")])).code).toBe(0);
    });
  });
});
