import { collectGarbage } from "../collect-garbage";

describe("collecting garbage at the end of the start", () => {
  it("lets go of what nobody holds, and gives nobody else the means", () => {
    const left = new WeakRef(new Uint8Array(1_000));
    // A reference lives until the end of the turn in which it was made or looked at.
    return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      collectGarbage();
      expect(left.deref()).toBeUndefined();
      expect(globalThis.gc).toBeUndefined();
    });
  });
});
