import manifest from '../../gateway/package.json' with { type: 'json' };

/** The flags of Node that our gateway is started with wherever it runs. */
export const ownFlags: readonly string[] = manifest.nodeFlags;
