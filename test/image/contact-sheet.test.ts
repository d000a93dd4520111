import { expect, test } from "vitest";
import { contactSheet } from "../../src/image/contact-sheet.js";

const dot = (grey: number) => ({ data: Uint8Array.of(grey, 9), width: 2, height: 1, channels: 1 });

test("pictures lie row by row, enlarged, with grey between them", () => {
  const sheet = contactSheet([dot(1), dot(2), dot(3)], { columns: 2, scale: 2, gap: 1 });
  expect(sheet).toMatchObject({ width: 9, height: 5, channels: 1 });
  const row = (y: number): number[] => [...sheet.data.subarray(y * 9, y * 9 + 9)];
  expect(row(0)).toEqual([1, 1, 9, 9, 128, 2, 2, 9, 9]);
  expect(row(1)).toEqual(row(0));
  expect(row(2)).toEqual(Array(9).fill(128));
  expect(row(4)).toEqual([3, 3, 9, 9, 128, 128, 128, 128, 128]);
});

test("refuses no pictures, pictures of several sizes, and fractions of pixels", () => {
  const wide = { data: new Uint8Array(3), width: 3, height: 1, channels: 1 };
  for (const make of [
    () => contactSheet([]),
    () => contactSheet([dot(1), wide]),
    () => contactSheet([dot(1)], { scale: 1.5 }),
  ]) {
    expect(make).toThrowError(expect.objectContaining({ code: "invalid-parameter" }));
  }
});
