import { giveBackWhenIdle } from "../give-back";

afterEach(() => jest.useRealTimers());

test("memory is given back after six idle seconds and after twelve, and again after more work", () => {
  jest.useFakeTimers();
  let collections = 0;
  const works = giveBackWhenIdle(() => collections++);
  jest.advanceTimersByTime(5_000);
  works();
  jest.advanceTimersByTime(5_999);
  expect(collections).toBe(0);
  jest.advanceTimersByTime(1);
  expect(collections).toBe(1);
  jest.advanceTimersByTime(60_000);
  expect(collections).toBe(2);
  works();
  jest.advanceTimersByTime(60_000);
  expect(collections).toBe(4);
});
