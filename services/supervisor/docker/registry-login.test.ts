import { expect, test } from "@jest/globals";
import { loginFor } from "./registry-login.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const config = JSON.stringify({
  auths: {
    "registry.example:5000": { auth: base64("ann:pass:word") },
    "https://other.example/v2/": { auth: base64("0000:"), identitytoken: "a-token" },
    "https://index.default.example/v1/": { auth: base64("ann:default") },
    "kept.example": {},
  },
  credHelpers: { "kept.example": "keychain" },
});

test("an image's registry is logged in to as docker login remembers it", () => {
  expect(loginFor("registry.example:5000/team/worker:1", config)).toEqual({
    kind: "login",
    credentials: { username: "ann", password: "pass:word", serveraddress: "registry.example:5000" },
  });
  expect(loginFor("other.example/worker@sha256:a", config)).toEqual({
    kind: "login",
    credentials: { identitytoken: "a-token", serveraddress: "https://other.example/v2/" },
  });
});

test.each(["ann/worker:1", "worker", "default.example/ann/worker"])(
  "%s is of the engine's default registry",
  (reference) => {
    expect(loginFor(reference, config)).toMatchObject({
      kind: "login",
      credentials: { password: "default", serveraddress: "https://index.default.example/v1/" },
    });
  },
);

test("a registry without a login is asked without one", () => {
  expect(loginFor("unknown.example/worker:1", config)).toEqual({ kind: "none" });
  expect(loginFor("registry.example:5000/worker:1", "")).toEqual({ kind: "none" });
});

test("a login that only a credential helper knows is told apart from none", () => {
  expect(loginFor("kept.example/worker:1", config)).toMatchObject({
    kind: "unusable",
    why: expect.stringContaining('credential helper "keychain"'),
  });
});

test("a file that is no config.json is not quoted", () => {
  const login = loginFor("registry.example:5000/worker:1", '{"auths": my-password');
  expect(login).toMatchObject({ kind: "unusable" });
  expect(JSON.stringify(login)).not.toContain("my-password");
});
