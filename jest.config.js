/** Tests run the very files that production runs: Node's own type stripping, native modules, no build. */
export default {
  testEnvironment: "node",
  testMatch: ["<rootDir>/{shared,services,proof}/**/*.test.ts"],
  extensionsToTreatAsEsm: [".ts"],
  // Some tests start real processes; a busy machine takes its time.
  testTimeout: 30_000,
  transform: { "\\.ts$": "<rootDir>/jest.strip-types.js" },
};
