/**
 * Reads one number of a Prometheus page; 0 when the page does not have it, as for a counter without counts.
 *
 * @param url of the process, without a path
 * @example await readMetric(gateway.url, 'tributary_subgraph_requests_total', { subgraph: 'posts' }) // 3
 */
export async function readMetric(
  url: string,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> {
  const page = await (await fetch(`${url}/metrics`)).text();
  const rows = page.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const matching = rows.filter((row) => wanted.every((label) => row.includes(label)));
  return matching.reduce((sum, row) => sum + Number(row.slice(row.lastIndexOf(' ') + 1)), 0);
}
