// Types of imports by the plugin of isthmus/vite: /// <reference types="isthmus/vite-client" />. Other settings stand before: "./photo.jpg?quality=60&isth".
declare module "*?isth" {
  const picture: import("isthmus/server").PictureFacts;
  export default picture;
}
declare module "*&isth" {
  const picture: import("isthmus/server").PictureFacts;
  export default picture;
}
