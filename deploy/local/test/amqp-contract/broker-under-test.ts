/** A broker to hold to the contract. `url` is asked for when a test runs, so it may come to be in beforeAll. */
export interface BrokerUnderTest {
  name: string;
  url(): string;
}
