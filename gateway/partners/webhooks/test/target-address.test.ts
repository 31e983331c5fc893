import { createGuardedLookup, isPublicAddress, refuseTarget, TargetRefused } from "../target-address";

const PRODUCTION = { allowHttp: false, allowPrivate: false };
const DEVELOPMENT = { allowHttp: true, allowPrivate: true };

test.each([
  ["8.8.8.8", true],
  ["1.1.1.1", true],
  ["172.15.255.255", true],
  ["172.32.0.1", true],
  ["100.63.255.255", true],
  ["100.128.0.1", true],
  ["223.255.255.255", true],
  ["2606:4700:4700::1111", true],
  ["2a00:1450:4001:80f::200e", true],
  ["0.0.0.0", false],
  ["10.1.2.3", false],
  ["100.64.0.1", false],
  ["100.127.255.255", false],
  ["127.0.0.1", false],
  ["127.255.255.255", false],
  ["169.254.169.254", false],
  ["172.16.0.1", false],
  ["172.31.255.255", false],
  ["192.168.1.1", false],
  ["192.0.2.1", false],
  ["198.18.0.1", false],
  ["198.19.255.255", false],
  ["203.0.113.9", false],
  ["224.0.0.1", false],
  ["239.255.255.255", false],
  ["255.255.255.255", false],
  ["::", false],
  ["::1", false],
  ["::ffff:127.0.0.1", false],
  ["::ffff:10.0.0.1", false],
  // A mapped address is refused also when the address in it is public: nobody needs to write it so.
  ["::ffff:8.8.8.8", false],
  ["::ffff:a9fe:a9fe", false],
  ["64:ff9b::7f00:1", false],
  ["fc00::1", false],
  ["fd12:3456::1", false],
  ["fe80::1", false],
  ["fe80::1%eth0", false],
  ["2606:4700::1%eth0", false],
  ["ff02::1", false],
  ["2001::1", false],
  ["2001:db8::1", false],
  ["2002:7f00:1::", false],
  ["100::1", false],
  ["localhost", false],
  ["", false],
])("%s: public is %s", (address, isPublic) => {
  expect(isPublicAddress(address)).toBe(isPublic);
});

test.each([
  "https://hooks.example/in?x=1",
  "https://hooks.example:8443/",
  "https://8.8.8.8/",
  "https://[2606:4700:4700::1111]/",
])("in production %s can be a target", (url) => {
  expect(refuseTarget(url, PRODUCTION)).toBeUndefined();
});

test.each([
  ["http://hooks.example/", "https"],
  ["ftp://hooks.example/", "https"],
  ["file:///etc/passwd", "https"],
  ["no url", "not a URL"],
  ["https://user:secret@hooks.example/", "user"],
  ["https://user@hooks.example/", "user"],
  ["https://hooks.example/#part", "fragment"],
  ["https://hooks.example:25/", "port"],
  ["https://hooks.example:80/", "port"],
  ["https://127.0.0.1/", "public internet"],
  ["https://2130706433/", "public internet"],
  ["https://0x7f.1/", "public internet"],
  ["https://017700000001/", "public internet"],
  ["https://[::1]/", "public internet"],
  ["https://[::ffff:127.0.0.1]/", "public internet"],
  ["https://169.254.169.254/latest/meta-data/", "public internet"],
  [`https://hooks.example/${"x".repeat(2_048)}`, "2048 characters"],
])("in production %s cannot be a target", (url, reason) => {
  expect(refuseTarget(url, PRODUCTION)).toContain(reason);
});

test("in development a service of this machine can be a target, but still not one with a password", () => {
  expect(refuseTarget("http://127.0.0.1:80/", DEVELOPMENT)).toBeUndefined();
  expect(refuseTarget("http://user:secret@127.0.0.1/", DEVELOPMENT)).toContain("user");
});

type Done = (error: Error | null, addresses: unknown, family?: number) => void;
const lookUp = (answers: readonly string[], options: object, rules = PRODUCTION) =>
  new Promise<unknown>((resolve) => {
    const guarded = createGuardedLookup(rules, (_name, _options, done) =>
      done(
        null,
        answers.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
      ),
    );
    const done: Done = (error, found) => resolve(error ?? found);
    guarded("hooks.example", options, done as Parameters<typeof guarded>[2]);
  });

test("of the addresses of a name only public ones are connected to", async () => {
  expect(await lookUp(["10.0.0.1", "8.8.8.8", "::1"], { all: true })).toEqual([{ address: "8.8.8.8", family: 4 }]);
  expect(await lookUp(["10.0.0.1", "8.8.8.8"], {})).toBe("8.8.8.8");
  expect(await lookUp(["10.0.0.1", "::ffff:127.0.0.1"], { all: true })).toBeInstanceOf(TargetRefused);
  expect(await lookUp([], { all: true })).toBeInstanceOf(TargetRefused);
  expect(await lookUp(["127.0.0.1"], {}, DEVELOPMENT)).toBe("127.0.0.1");
});
