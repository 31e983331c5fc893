/** A failure the reader can act on: its message is the whole output, without a stack. */
class ExpectedError extends Error {
  expected = true;
}

module.exports = { ExpectedError };
