/** Numbers as people read them. */

import { printable } from "./printable.js";

export const bytesText = (bytes: number): string => `${bytes.toLocaleString("en")} bytes`;

/** A PSNR that JSON can hold: `null` where the images are the same. */
export const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? round(value, 4) : null);

export const decibels = (psnr: number): string => (Number.isFinite(psnr) ? `${psnr.toFixed(2)} dB` : "lossless");

export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** 75 -> "1:15", 4000 -> "1:06:40". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const twoDigits = (value: number): string => String(value).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours > 0 ? `${hours}:${twoDigits(minutes)}:${twoDigits(rest)}` : `${minutes}:${twoDigits(rest)}`;
}

/** Rows of cells in columns: the first column to the left, the others to the right. */
export function table(given: readonly (readonly string[])[]): string {
  const rows = given.map((row) => row.map(printable));
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join("  ");
  return rows.map((row) => line(row).trimEnd()).join("\n");
}
