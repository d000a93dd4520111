export { toExpress, toHono, toNode } from "./server/adapters.js";
export type { Answer, Ask } from "./server/answer.js";
export { type ImageAttributes, isthImage } from "./server/element-html.js";
export { createPictureHandler, type PictureHandler } from "./server/handler.js";
export type { PictureHandlerOptions } from "./server/handler-options.js";
export type { PictureFacts } from "./server/picture-facts.js";
