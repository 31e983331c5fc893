import { describeMongoContract } from "./mongo.contract";

const url = process.env.REAL_MONGODB_URL;

if (url) describeMongoContract({ name: "a real MongoDB", url: () => url });
else {
  it("REAL_MONGODB_URL is not set: the contract was not run on a real MongoDB", () => {
    expect(url ?? "").toBe("");
  });
}
