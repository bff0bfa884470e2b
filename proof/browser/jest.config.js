import shared from "../../jest.config.js";

/** The console's pages in a real browser: Chromium, without a window. One file after the other. */
export default {
  ...shared,
  rootDir: "../..",
  testMatch: ["<rootDir>/proof/browser/*.browser.ts"],
  testTimeout: 60_000,
  maxWorkers: 1,
};
