/** What people read. Only a few lines ever: everything else is in the log files. */
export interface Terminal {
  say(text: string): void;
  /** Shows, after a second, what is being waited for and for how long, until the promise settles. */
  during<T>(sentence: () => string, step: Promise<T>): Promise<T>;
}

interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const firstAfterMs = 1_000;
const againAfterMs = { terminal: 1_000, log: 5_000 };
const eraseLine = "\r\u001b[K";

/** On a terminal the waiting is one line that counts; in a log, where nothing can be erased, a line now and then. */
export function createTerminal(output: Output): Terminal {
  const live = output.isTTY === true;
  let status = "";

  const say = (text: string) => {
    output.write(status === "" ? `${text}\n` : `${eraseLine}${text}\n${status}`);
  };
  const during = async <T>(sentence: () => string, step: Promise<T>): Promise<T> => {
    const startedAt = Date.now();
    const line = () => `${sentence()} … ${Math.round((Date.now() - startedAt) / 1_000)} s`;
    const tick = () => {
      if (live) {
        status = line();
        output.write(eraseLine + status);
      } else {
        say(line());
      }
      timer = setTimeout(tick, live ? againAfterMs.terminal : againAfterMs.log);
    };
    let timer = setTimeout(tick, firstAfterMs);
    try {
      return await step;
    } finally {
      clearTimeout(timer);
      if (status !== "") output.write(eraseLine);
      status = "";
    }
  };
  return { say, during };
}
