import { createPictureHandler } from "isthmus/server";

/** The handler of a folder, with the settings of this site: the server and warm.mjs must have the same. */
export const openPictures = (folder, cacheFolder) =>
  createPictureHandler({
    folder,
    path: "/photos",
    cacheFolder,
    maxCacheBytes: 2 ** 34,
    onProblem: ({ message }) => console.error(message),
  });
