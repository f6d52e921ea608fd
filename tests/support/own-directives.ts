/** What a subgraph writes to use our own directives, after its link to federation's. */
export const ownDirectives = `
  @link(url: "https://specs.tributary.dev/tributary/v1.1", import: ["@personal", "@event"])
  @composeDirective(name: "@personal")
  @composeDirective(name: "@event")
  directive @personal on FIELD_DEFINITION | OBJECT
  directive @event(channel: String!, filter: String) repeatable on FIELD_DEFINITION
`;
