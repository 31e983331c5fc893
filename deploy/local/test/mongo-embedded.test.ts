import { type MongoServer, startMongoServer } from "../mongo/mongo-server";
import { describeMongoContract } from "./mongo.contract";

let server: MongoServer;

beforeAll(async () => {
  server = await startMongoServer();
});
afterAll(() => server.close());

describeMongoContract({ name: "the embedded server", url: () => server.url });
