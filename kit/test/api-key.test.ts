import { DEMO_PARTNER, DEMO_PARTNER_KEY, DEMO_PARTNER_TEST_KEY } from "../../schema/demo";
import { composeApiKey, createApiKey, hashApiKey, matchesApiKey, parseApiKey } from "../api-key";

test("a new key can be parsed, and no two are alike", () => {
  const [one, two] = [createApiKey("live"), createApiKey("live")];
  expect(parseApiKey(one.text)).toEqual(one);
  expect(one.text).toMatch(/^trib_live_[0-9A-Za-z]{50}$/);
  expect(one.text).not.toBe(two.text);
});

test("a key with a typing error, of another form or too long is none", () => {
  const { text } = createApiKey("test");
  const last = text.at(-1) === "0" ? "1" : "0";
  for (const wrong of [
    "",
    text.slice(0, -1),
    text.slice(0, -1) + last,
    text.toUpperCase(),
    `${text}x`,
    "trib_prod_x",
  ]) {
    expect(parseApiKey(wrong)).toBeUndefined();
  }
});

test("only the right key with the right pepper matches what is stored", () => {
  const key = createApiKey("live");
  const stored = hashApiKey(key, "pepper");
  expect(matchesApiKey(key, "pepper", stored)).toBe(true);
  expect(matchesApiKey(key, "salt", stored)).toBe(false);
  expect(matchesApiKey(createApiKey("live"), "pepper", stored)).toBe(false);
  expect(matchesApiKey(key, "pepper", "not hex")).toBe(false);
});

test("the demo key is what its parts make", () => {
  expect(composeApiKey("live", DEMO_PARTNER.keyId, DEMO_PARTNER.keySecret).text).toBe(DEMO_PARTNER_KEY);
  expect(composeApiKey("test", DEMO_PARTNER.testKeyId, DEMO_PARTNER.keySecret).text).toBe(DEMO_PARTNER_TEST_KEY);
});
