import { MongoServerError } from "mongodb";

/** E11000: a unique index has the value already. https://www.mongodb.com/docs/manual/core/index-unique/ */
export const isDuplicateKey = (error: unknown): error is MongoServerError =>
  error instanceof MongoServerError && error.code === 11000;
