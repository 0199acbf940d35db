// The documentation, public; in the frame when the visitor is signed in.
import { DocsIndexPage, DocsTextPage, type DocsProps } from "../../../../templates/docs/docs.tsx";
import type { Markup } from "../../../../templates/jsx/jsx-runtime.ts";
import type { App } from "../../../app.ts";
import type { Docs } from "../../../docs/render.ts";
import { pageNames } from "../../../docs/names.ts";
import { notFound } from "../../../errors.ts";
import type { Viewer } from "../../../registry/accounts/sessions.ts";
import { findOrganization } from "../../../store/organizations/organizations.ts";
import { routesOf } from "../../access.ts";
import { html, seeOther } from "../../answers.ts";
import { page, pageContextOf, publicFrameOf, type PageSetup } from "../../page.ts";
import type { RequestContext } from "../../request/context.ts";

const home = "/docs";
/** Where the pages are while an organization has had the address /docs since before they came. */
const insteadOfHome = "/account/docs";

/** Looked up once for each process: `docs` is reserved, so no organization can take it later. */
export async function docsAddress({ db }: Pick<App, "db">): Promise<string> {
  return (await findOrganization(db, "docs").catch(() => null)) ? insteadOfHome : home;
}

type Reader = { context: RequestContext; viewer: Viewer | null };

export function docsPages(setup: PageSetup) {
  const routes = routesOf(setup.app, "docs");
  for (const base of [home, insteadOfHome]) {
    routes.get(base, (seen) => answer(setup, seen, { base, name: null }), { visitor: true });
    // One route for each: /docs/list.json belongs to an organization that has the address.
    for (const name of pageNames)
      routes.get(`${base}/${name}`, (seen) => answer(setup, seen, { base, name }), { visitor: true });
  }
  return routes.get("/docs/images/:file", ({ params }) => image(params.file), { visitor: true });
}

async function answer(
  setup: PageSetup,
  { context, viewer }: Reader,
  { base, name }: { base: string; name: string | null },
): Promise<Response> {
  const address = await setup.docs;
  if (base !== address) return seeOther(name === null ? address : `${address}/${name}`);
  const { pages } = await load();
  const place = { base: address, pages, current: name };
  const text = pages.find((each) => each.name === name);
  const render = (props: DocsProps): Markup =>
    text === undefined ? DocsIndexPage(props) : DocsTextPage({ ...props, text });
  if (viewer === null) return html(render({ ...place, shell: null, outside: publicFrameOf(setup) }).html);
  return page(setup, pageContextOf(context, viewer), {
    render: (shell) => render({ ...place, shell, outside: null }),
  });
}

async function load(): Promise<Docs> {
  return (await import("../../../docs/pages.ts")).docs;
}

async function image(name: string): Promise<Response> {
  const found = (await load()).images.find((each) => each.name === name);
  if (!found) throw notFound("There is no such image.");
  return new Response(Buffer.from(found.base64, "base64"), {
    headers: {
      "Content-Type": found.type,
      "Cache-Control": "public, max-age=3600",
      "X-Content-Type-Options": "nosniff",
    },
  });
}
