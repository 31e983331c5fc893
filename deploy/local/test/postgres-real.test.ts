import { describePostgres } from "./postgres.contract";

const url = process.env.REAL_POSTGRES_URL;

if (url) describePostgres("the server of REAL_POSTGRES_URL", () => url);
else {
  it("NOT RUN: the contract on a real PostgreSQL, because REAL_POSTGRES_URL is not set (npm run test:services sets it)", () => {
    expect(url).toBeFalsy();
  });
}
