/** The settings that the page opens with; its first sample was coded with them beforehand. */
export const openingSettings = { quality: 75, effort: 0 } as const;
