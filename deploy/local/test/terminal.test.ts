import { createTerminal } from "../terminal";

const outputOf = (isTTY: boolean) => {
  const pieces: string[] = [];
  return { isTTY, write: (text: string) => pieces.push(text), text: () => pieces.join("") };
};

describe("createTerminal", () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it("says nothing about a step that takes less than a second", async () => {
    const output = outputOf(false);
    const step = createTerminal(output).during(() => "Starting", Promise.resolve(1));
    expect(await step).toBe(1);
    expect(output.text()).toBe("");
  });

  it("says what is waited for and for how long, now and then in a log", async () => {
    const output = outputOf(false);
    let finish = (_: void) => {};
    const waiting = ["orders", "gateway"];
    const sentence = () => `Waiting for ${waiting.join(", ")}`;
    const step = createTerminal(output).during(sentence, new Promise<void>((resolve) => (finish = resolve)));
    jest.advanceTimersByTime(1_000);
    waiting.shift();
    jest.advanceTimersByTime(5_000);
    finish();
    await step;
    expect(output.text()).toBe("Waiting for orders, gateway … 1 s\nWaiting for gateway … 6 s\n");
  });

  it("keeps the counting line below what is said meanwhile on a terminal, and removes it at the end", async () => {
    const output = outputOf(true);
    let finish = (_: void) => {};
    const terminal = createTerminal(output);
    const step = terminal.during(() => "Waiting", new Promise<void>((resolve) => (finish = resolve)));
    jest.advanceTimersByTime(1_000);
    terminal.say("orders: a warning");
    finish();
    await step;
    terminal.say("ready");
    const erase = "\r\u001b[K";
    expect(output.text()).toBe(`${erase}Waiting … 1 s${erase}orders: a warning\nWaiting … 1 s${erase}ready\n`);
  });

  it("stops counting when the step fails", async () => {
    const output = outputOf(false);
    const step = createTerminal(output).during(() => "Waiting", Promise.reject(new Error("no")));
    await expect(step).rejects.toThrow("no");
    expect(jest.getTimerCount()).toBe(0);
  });
});
