import type { IncomingMessage } from "node:http";
import { createClientAddress } from "../client-address";

const from = (remoteAddress: string | undefined, forwarded?: string) =>
  ({ socket: { remoteAddress }, headers: { "x-forwarded-for": forwarded } }) as unknown as IncomingMessage;

describe("the address of a client", () => {
  const addressOf = createClientAddress(["10.0.0.0/8", "2001:db8:f::/48"]);

  it.each([
    ["no proxy", "192.0.2.7", undefined, "192.0.2.7"],
    ["a client that pretends to be behind a proxy", "192.0.2.7", "198.51.100.1", "192.0.2.7"],
    ["a proxy that says nothing", "10.0.0.1", undefined, "10.0.0.1"],
    ["one proxy", "10.0.0.1", "192.0.2.7", "192.0.2.7"],
    ["a proxy as a socket of both families names it", "::ffff:10.0.0.1", "192.0.2.7", "192.0.2.7"],
    ["several proxies", "10.0.0.1", "192.0.2.7, 10.2.0.1, 10.3.0.1", "192.0.2.7"],
    ["a client that wrote the header itself", "10.0.0.1", "198.51.100.1, 192.0.2.7", "192.0.2.7"],
    ["a client that wrote proxies' addresses", "10.0.0.1", "198.51.100.1, 10.9.9.9, 192.0.2.7", "192.0.2.7"],
    ["a proxy that adds ports", "10.0.0.1", "192.0.2.7:4711", "192.0.2.7"],
    ["IPv6", "2001:db8:f::1", "2001:db8::7", "2001:db8::7"],
    ["IPv6 with ports", "2001:db8:f::1", "[2001:db8::7]:4711", "2001:db8::7"],
    ["nonsense before the proxies", "10.0.0.1", "unknown, 10.2.0.1", "10.2.0.1"],
    ["nonsense alone", "10.0.0.1", "<script>", "10.0.0.1"],
    ["a connection that is gone", undefined, "192.0.2.7", undefined],
  ])("behind %s", (_, remote, forwarded, address) => {
    expect(addressOf(from(remote, forwarded))).toBe(address);
  });

  it("is that of the connection where no proxy is trusted", () => {
    expect(createClientAddress([])(from("10.0.0.1", "192.0.2.7"))).toBe("10.0.0.1");
  });
});
