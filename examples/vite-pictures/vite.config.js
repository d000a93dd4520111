import { isthmus } from "isthmus/vite";

export default { base: "./", plugins: [isthmus({ widths: [320] })] };
