import { isNetwork, networksOf } from "../networks";

it.each(["192.0.2.0/24", "192.0.2.7", "0.0.0.0/0", "2001:db8::/32", "::1", "10.1.2.3/8"])("%s is a network", (text) =>
  expect(isNetwork(text)).toBe(true),
);

it.each(["", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/-1", "192.0.2/24", "2001:db8::/129", "a/8", "1.2.3.4/8/8", "/8"])(
  '"%s" is none',
  (text) => {
    expect(isNetwork(text)).toBe(false);
    expect(() => networksOf([text])).toThrow(TypeError);
  },
);

it("has the addresses of each network and no others", () => {
  const networks = networksOf(["192.0.2.0/24", "198.51.100.7", "2001:db8::/32"]);
  const has = ["192.0.2.0", "192.0.2.255", "198.51.100.7", "::ffff:192.0.2.1", "2001:db8:ffff::"];
  const hasNot = ["192.0.3.0", "198.51.100.8", "::ffff:192.0.3.1", "2001:db9::", "", "localhost"];
  expect(has.filter((address) => !networks.has(address))).toEqual([]);
  expect(hasNot.filter((address) => networks.has(address))).toEqual([]);
});
