import { Refusal } from "../refusal";

class Refused extends Refusal {
  override readonly name = "Refused";

  constructor(readonly status: number) {
    super("Not you.");
  }
}

test("a refusal is an error with a message and no stack, and leaves other errors theirs", () => {
  const refused = new Refused(403);
  expect(refused).toBeInstanceOf(Error);
  expect(refused).toMatchObject({ name: "Refused", message: "Not you.", status: 403 });
  expect(refused.stack).not.toContain(" at ");
  expect(new Error("a fault").stack).toContain("refusal.test");
});
