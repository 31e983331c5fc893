import { GraphQLError } from "graphql";
import { ClientError } from "../../kit/errors";
import { publicError } from "../http/public-error";

const shown = (error: GraphQLError) => publicError(error.toJSON(), error);

describe("what a client sees of an error", () => {
  it("a client error, with or without a place", () => {
    const cause = new ClientError("OPERATION_LIMIT_EXCEEDED", "The operation is too large.", { max: 1 });
    const expected = {
      message: "The operation is too large.",
      extensions: { code: "OPERATION_LIMIT_EXCEEDED", max: 1 },
    };
    expect(shown(new GraphQLError("wrapped", { originalError: cause }))).toEqual(expected);
    expect(shown(new GraphQLError("wrapped", { originalError: cause, path: ["a"] }))).toEqual({
      ...expected,
      path: ["a"],
    });
  });

  it("what GraphQL finds wrong, without facts about this process", () => {
    const error = new GraphQLError("Sold out.", {
      path: ["a"],
      extensions: { code: "CONFLICT", serviceName: "orders", stacktrace: ["at /srv"], http: { status: 409 }, limit: 3 },
    });
    expect(shown(error)).toEqual({ message: "Sold out.", path: ["a"], extensions: { code: "CONFLICT", limit: 3 } });
  });

  it.each([
    ["a foreign error", new GraphQLError("ECONNREFUSED 10.0.0.7", { originalError: new Error("ECONNREFUSED") })],
    [
      "a foreign error with a code",
      new GraphQLError("x", { originalError: new Error("x"), extensions: { code: "ENOENT" } }),
    ],
    ["an error without a code", new GraphQLError("/srv/app.js:7")],
    [
      "an internal code",
      new GraphQLError("secret", { extensions: { code: "INTERNAL_SERVER_ERROR", query: "select" } }),
    ],
  ])("nothing of %s", (_what, error) => {
    expect(shown(error)).toEqual({ message: "Unexpected error.", extensions: { code: "INTERNAL_SERVER_ERROR" } });
  });
});
