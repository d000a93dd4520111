import { createRoot } from "react-dom/client";
import alps from "../photos/alps.webp?isth&quality=60";
import { Photo } from "./photo.jsx";

createRoot(document.querySelector("#root")).render(<Photo photo={alps} alt="The Alps" sizes="320px" width={320} />);
