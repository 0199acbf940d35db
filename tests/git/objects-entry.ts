// For compiled.test.ts: fetches the tags of a repository in one process and prints the ids of all readable objects by
// tag. `objects-entry <url>`.
import { readAdvertisement, toRefList } from "../../src/git/advertisement.ts";
import { fetchCommits } from "../../src/git/fetch.ts";
import { gitLimits } from "../../src/git/mirror.ts";
import { openObjects } from "../../src/git/objects.ts";
import { openTransport } from "../../src/git/open-transport.ts";
import { anonymous, loopback, makeFolder, removeFolder } from "./ground.ts";

const remote = anonymous(process.argv[2] ?? "");
const folder = await makeFolder();
const road = { policy: loopback, limits: gitLimits, folder };
const listing = await openTransport(remote, road);
const { refs } = toRefList(await readAdvertisement(listing.lines, gitLimits), gitLimits);
listing.close();
const tags = refs.filter(({ kind }) => kind === "tag");
const objects = openObjects(await fetchCommits(await openTransport(remote, road), tags, road), gitLimits);
const found: Record<string, string[]> = {};
for (const { name, reference } of tags) {
  const { tree } = await objects.commit(reference);
  const ids = [reference, tree];
  const trees = [tree];
  for (let next = trees.pop(); next; next = trees.pop()) {
    for (const { kind, object } of await objects.tree(next)) {
      ids.push(object);
      if (kind === "tree") trees.push(object);
      else if (kind !== "submodule") await objects.blob(object);
    }
  }
  found[name] = ids.toSorted();
}
await removeFolder(folder);
console.log(JSON.stringify(found));
