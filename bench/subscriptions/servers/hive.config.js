// Where Hive Gateway finds what the comments subgraph publishes; all else is as it ships.
export const gatewayConfig = {
  transportEntries: {
    comments: { options: { subscriptions: { kind: 'ws', location: '/subscriptions' } } },
  },
};
