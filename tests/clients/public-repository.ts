// Another Composer repository beside the registry, as Packagist would be: everything inline in one document.

export type PublicRepository = { url: string; requests: string[]; stop(): Promise<void> };

/** Metapackages, each with its versions. */
export function startPublicRepository(packages: Record<string, string[]>): PublicRepository {
  const inline = Object.entries(packages).map(([name, versions]) => [
    name,
    Object.fromEntries(versions.map((version) => [version, { name, version, type: "metapackage" }])),
  ]);
  const requests: string[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request) {
      requests.push(new URL(request.url).pathname);
      return Response.json({ packages: Object.fromEntries(inline) });
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, requests, stop: () => server.stop(true) };
}
