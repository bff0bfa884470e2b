import shared from "../../jest.config.js";

/** From outside, on a real engine: real images, real containers, real HTTP. One file after the other. */
export default {
  ...shared,
  rootDir: "../..",
  testMatch: ["<rootDir>/proof/e2e/*.e2e.ts"],
  // Building an image, on a machine that has other work too, takes minutes.
  testTimeout: 300_000,
  maxWorkers: 1,
};
