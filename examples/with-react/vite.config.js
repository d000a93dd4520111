import react from "@vitejs/plugin-react";
import { isthmus } from "isthmus/vite";

export default { base: "./", plugins: [react(), isthmus({ widths: [320] })] };
