/** True for a value whose class goes by one of the names, in this realm or another. */
export function isA(value: unknown, ...names: readonly string[]): boolean {
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  return names.includes(tag);
}
