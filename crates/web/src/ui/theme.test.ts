import assert from "node:assert/strict";
import { test } from "node:test";
import { readTheme, themeCookie } from "./theme.ts";

test("an unknown theme follows the system", () => {
  assert.equal(readTheme("dark"), "dark");
  assert.equal(readTheme("x; Domain=evil"), "system");
  assert.equal(readTheme(undefined), "system");
});

test("following the system forgets the cookie, and https makes it secure", () => {
  assert.equal(themeCookie("dark", true), "theme=dark; Path=/; SameSite=Lax; Max-Age=31536000; Secure");
  assert.equal(themeCookie("system", false), "theme=system; Path=/; SameSite=Lax; Max-Age=0");
});
