import chromiumFiles from "@sparticuz/chromium";
import { chromium } from "playwright-core";

export const launchChromium = async () =>
  chromium.launch({ executablePath: await chromiumFiles.executablePath(), args: ["--no-sandbox"] });
