export type { PictureFacts } from "./server/picture-facts.js";
export { type IsthmusPluginOptions, isthmus } from "./vite/plugin.js";
