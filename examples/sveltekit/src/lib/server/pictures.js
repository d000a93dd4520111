import { createPictureHandler } from "isthmus/server";

export const pictures = createPictureHandler({
  folder: "photos",
  path: "/photos",
  cacheFolder: ".picture-cache",
  onProblem: ({ message }) => console.error(message),
});
