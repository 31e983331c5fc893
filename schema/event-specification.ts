/** The specification that defines `@event` and `@viewerIndependent`, without its version. */
export const EVENT_SPECIFICATION = "https://tributary.dev/event";
