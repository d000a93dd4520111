import { describe, expect, it } from "vitest";
import { chooseFormat, type ServedFormat } from "../../src/server/formats.js";
import { picturePath } from "../../src/server/picture-path.js";

const named: ServedFormat[] = ["isth", "avif", "webp"];
const choose = (accept: string | undefined) => chooseFormat(accept, named, "jpeg");

describe("the format that is chosen", () => {
  it.each([
    ["image/x-isthmus,image/avif,image/webp,image/*,*/*;q=0.8", "isth"],
    ["image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", "avif"],
    ["text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", "avif"],
    ["image/webp,image/png,image/svg+xml,image/*;q=0.8,video/*;q=0.8,*/*;q=0.5", "webp"],
    ["image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5", "jpeg"],
    ["image/x-isthmus,*/*;q=0.1", "isth"],
    ["IMAGE/X-ISTHMUS", "isth"],
    ["*/*", "jpeg"],
    ["", "jpeg"],
    [undefined, "jpeg"],
    ["image/x-isthmus;q=0, image/webp;q=0.5, image/jpeg;q=0.4", "webp"],
    ["image/avif;q=0.5, image/webp ; q=0.7", "webp"],
    ["image/avif;q=0.5, image/jpeg", "jpeg"],
    ["image/avif;q=0, image/*", "jpeg"],
    ["text/html", "jpeg"],
    ["image/avif;q=2, image/webp;q=x, image/x-isthmus;q=", "jpeg"],
    [",,;;=,q=1,/,image/", "jpeg"],
    [`${"a/b,".repeat(100_000)}image/avif`, "jpeg"],
    ["\u0000\uffff image/avif", "jpeg"],
  ])("of %j", (accept, format) => {
    expect(choose(accept?.slice(0, 500_000))).toBe(format);
  });
});

describe("the path that an address names", () => {
  it.each([
    ["photo.jpg", "photo.jpg"],
    ["a/b%20c/%C3%BC.PNG", "a/b c/ü.PNG"],
    ["..photo.jpg", undefined],
    ["../photo.jpg", undefined],
    ["a/../photo.jpg", undefined],
    ["a/%2e%2e/photo.jpg", undefined],
    ["..%2fphoto.jpg", undefined],
    ["a%2fphoto.jpg", undefined],
    ["..%5cphoto.jpg", undefined],
    ["a\\photo.jpg", undefined],
    ["photo.jpg%00.png", undefined],
    ["photo%0a.png", undefined],
    ["/etc/photo.jpg", undefined],
    ["a//photo.jpg", undefined],
    [".git/photo.jpg", undefined],
    [".photo.jpg", undefined],
    ["%E0%A4%A.jpg", undefined],
    ["%.jpg", undefined],
    ["photo.jpg/", undefined],
    ["photo.svg", undefined],
    ["photo", undefined],
    ["", undefined],
    [`${"a".repeat(2000)}.jpg`, undefined],
  ])("of %j", (address, path) => {
    expect(picturePath(address, "linux")).toBe(path);
  });

  it("leaves out what Windows takes for something else", () => {
    for (const address of ["C:/photo.jpg", "photo.png:x.jpg", "a./photo.jpg", "a%20/photo.jpg"]) {
      expect(picturePath(address, "win32")).toBe(undefined);
      expect(picturePath(address, "linux")).not.toBe(undefined);
    }
  });
});
