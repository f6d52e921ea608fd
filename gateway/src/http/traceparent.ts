const wellFormed = /^[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The trace context of a request; a wrong header is dropped, as the specification says. */
export const traceparentOf = (header: string | readonly string[] | null | undefined): string | undefined =>
  typeof header === 'string' && wellFormed.test(header) ? header : undefined;
