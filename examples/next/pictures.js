import { createPictureHandler } from "isthmus/server";

/** One for the whole server, also where the dev server loads this file anew. */
globalThis.pictures ??= createPictureHandler({
  folder: "photos",
  path: "/photos",
  cacheFolder: ".picture-cache",
  onProblem: ({ message }) => console.error(message),
});

export const { pictures } = globalThis;
