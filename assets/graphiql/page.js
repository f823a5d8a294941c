// Starts the explorer on this gateway. A token goes into the Headers pane: {"Authorization": "Bearer …"}.
"use strict";
const first = `# Passerelle: all the means, by every partner, known and shared.
# Press Ctrl+Enter to ask. The documentation of the schema is behind the book on the left.

query Dashboard {
  ledger { version at }
  totals(by: [FAMILY, YEAR]) {
    key { dimension value label }
    amount loans count projects partial
  }
  projects(first: 5) {
    totalCount
    nodes {
      id
      title
      holder { name }
      quartiers { code name }
      commitments { funder { name } nature stage amount year }
    }
  }
}
`;
ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url: "/graphql" }),
    defaultQuery: first,
    defaultEditorToolsVisibility: true,
  }),
);
