import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import { type AccessSettings, isOwner, type OwnerChat } from "./access.ts";

let temporary: TemporaryDatabase;
beforeEach(() => {
  temporary = temporaryDatabase();
});
afterEach(() => temporary.remove());

const GROUP = -100;
const MEMBER = 8;

const settings = (ids: readonly number[], ownerChat: OwnerChat = null): AccessSettings => ({
  allowed: { kind: "listed", ids: new Set(ids) },
  ownerChat,
});
const mayDeploy = (access: AccessSettings, chatId: number) =>
  isOwner(temporary.db, access, { chatId, senderId: MEMBER });

test("a person who is the first of the list is the owner, wherever that person writes", () => {
  expect(mayDeploy(settings([MEMBER, 9]), MEMBER)).toBe(true);
  expect(mayDeploy(settings([MEMBER, GROUP]), GROUP)).toBe(true);
  expect(mayDeploy(settings([9, MEMBER]), MEMBER)).toBe(false);
});

test("a group that is the first of the list may not deploy, but one that is named the owner may", () => {
  expect(mayDeploy(settings([GROUP, MEMBER]), GROUP)).toBe(false);
  expect(mayDeploy(settings([GROUP], GROUP), GROUP)).toBe(true);
});
