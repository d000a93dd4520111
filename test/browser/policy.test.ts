import { describe, expect, it } from "vitest";
import { pageWithPolicy, withChromium } from "./chromium.js";

const chromium = withChromium({
  routes: {
    "/strict": pageWithPolicy("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"),
    "/no-wasm": pageWithPolicy("default-src 'none'; script-src 'self'; connect-src 'self'"),
    "/no-workers": pageWithPolicy("script-src 'self' 'wasm-unsafe-eval'; worker-src 'none'"),
  },
});

describe("under a content security policy", () => {
  it("works on the page and in a worker where WebAssembly is allowed, and nothing but it", async () => {
    const page = await chromium.open("/strict");
    const violations: string[] = [];
    page.on("console", (message) => void (message.type() === "error" && violations.push(message.text())));
    const sizes = await page.evaluate(async () => {
      const { loadCodec, wrap } = await load("isthmus");
      const image = { data: new Uint8Array(192).fill(7), width: 8, height: 8, channels: 3 };
      const here = await (await loadCodec()).encode(image);
      const there = await (await wrap(startWorker()).loadCodec()).encode(image);
      return [here.length, there.length];
    });
    expect(sizes[0]).toBeGreaterThanOrEqual(15);
    expect(sizes[1]).toBe(sizes[0]);
    expect(violations).toEqual([]);
    await page.close();
  });

  it("names the header where WebAssembly is forbidden", async () => {
    const page = await chromium.open("/no-wasm");
    const refused = await page.evaluate(async () => refusal((await load("isthmus")).loadCodec()));
    expect(refused.code).toBe("unsupported-engine");
    expect(refused.message).toMatch(/Content-Security-Policy must allow 'wasm-unsafe-eval'/);
    await page.close();
  });

  it("says that a worker cannot start where workers are forbidden", async () => {
    const page = await chromium.open("/no-workers");
    const refused = await page.evaluate(async () => refusal((await load("isthmus")).wrap(startWorker()).loadCodec()));
    expect(refused).toMatchObject({ code: "worker-failed" });
    await page.close();
  });
});

it("names SIMD where the engine has none", async () => {
  const page = await chromium.open();
  const refused = await page.evaluate(async () => {
    WebAssembly.compile = async () => {
      throw new WebAssembly.CompileError("invalid value type 's128'");
    };
    return refusal((await load("isthmus")).loadCodec());
  });
  expect(refused.code).toBe("unsupported-engine");
  expect(refused.message).toMatch(/SIMD/);
  await page.close();
});
