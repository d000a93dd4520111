// Types of imports by the plugin of isthmus/vite: /// <reference types="isthmus/vite-client" />. Other settings stand before: "./photo.jpg?quality=60&isth".
// Written out, so that pages need no types of Node: `PictureFacts` of isthmus/vite, where there is always a fallback.
declare module "*?isth" {
  const picture: {
    readonly src: string;
    readonly srcset: string;
    readonly width: number;
    readonly height: number;
    readonly preview: string;
    readonly fallback: { readonly src: string; readonly srcset: string };
    readonly model?: string;
  };
  export default picture;
}
declare module "*&isth" {
  export { default } from "*?isth";
}
