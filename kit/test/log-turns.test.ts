import { createTurnDestination } from "../log-turns";

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

function recording() {
  const written: string[] = [];
  return { written, out: { write: (text: string) => written.push(text), flushSync: () => undefined } };
}

describe("lines of one turn", () => {
  it("are written at once, in order, when the turn is over", async () => {
    const { written, out } = recording();
    const destination = createTurnDestination(out);
    destination.write("a\n");
    destination.write("b\n");
    expect(written).toEqual([]);
    await nextTurn();
    expect(written).toEqual(["a\nb\n"]);
    destination.write("c\n");
    await nextTurn();
    expect(written).toEqual(["a\nb\n", "c\n"]);
  });

  it("are written earlier when there are too many", () => {
    const { written, out } = recording();
    const destination = createTurnDestination(out);
    for (let i = 0; i < 70; i++) destination.write("x".repeat(1_000));
    expect(written).toEqual(["x".repeat(66_000)]);
    destination.flushSync();
    expect(written.join("")).toHaveLength(70_000);
  });

  it("are written when the process must wait for them", () => {
    const { written, out } = recording();
    const destination = createTurnDestination(out);
    destination.write("last words\n");
    destination.flushSync();
    expect(written).toEqual(["last words\n"]);
  });
});
