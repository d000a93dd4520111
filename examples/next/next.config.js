// Both stay in node_modules, where they find their threads and their native code.
export default { serverExternalPackages: ["isthmus", "sharp"] };
