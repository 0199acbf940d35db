import {
  claimVendor,
  createOrganization,
  giveUpVendor,
  updateOrganization,
} from "../registry/organizations/organizations.ts";
import { invalid } from "../errors.ts";
import { getOrganization, listOrganizations } from "../store/organizations/organizations.ts";
import { listVendors } from "../store/organizations/vendors.ts";
import { table, type Command } from "./command.ts";

export const org: Record<string, Command> = {
  create: {
    summary: "Add an organization; its registry is at /SLUG",
    usage: "SLUG",
    arity: [1, 1],
    options: {
      name: { type: "string", value: "NAME", help: "Display name; defaults to the slug" },
      owner: { type: "string", value: "EMAIL", help: "Email address of the owner" },
    },
    async run(app, args, out) {
      const slug = args.positionals[0] ?? "";
      const name = args.text("name") ?? slug;
      const added = await createOrganization(app, { slug, name, owner: args.text("owner"), actor: "cli" });
      const value = { id: added.id, slug, name: added.name, vendors: [] };
      out.result(value, `Added ${added.name}; its packages are at ${app.config.appUrl}/${slug}`);
    },
  },
  list: {
    summary: "List organizations",
    usage: "",
    arity: [0, 0],
    options: {},
    async run(app, _args, out) {
      const found = await listOrganizations(app.db);
      const values = await Promise.all(
        found.map(async ({ id, slug, name }) => ({ id, slug, name, vendors: await listVendors(app.db, id) })),
      );
      const rows = values.map((each) => [each.slug, each.name, each.vendors.join(", ")]);
      out.result(values, table(["SLUG", "NAME", "VENDORS"], rows));
    },
  },
  update: {
    summary: "Change the settings of an organization",
    usage: "SLUG",
    arity: [1, 1],
    options: {
      name: { type: "string", value: "NAME", help: "Display name" },
      notice: {
        type: "string",
        value: "TEXT",
        help: "A line that Composer prints on every run; empty for none",
      },
      source: {
        type: "string",
        value: "on|off",
        help: "Whether packages include their repository URL; after a change every client reinstalls each package once",
      },
    },
    async run(app, args, out) {
      const organization = await getOrganization(app.db, args.positionals[0] ?? "");
      const source = args.text("source");
      if (source !== null && source !== "on" && source !== "off")
        throw invalid("--source is on or off.", { code: "usage" });
      const [name, notice] = [args.text("name"), args.text("notice")];
      const change = {
        ...(name === null ? {} : { name }),
        ...(notice === null ? {} : { notice }),
        ...(source === null ? {} : { publishesSource: source === "on" }),
      };
      if (source !== null && (source === "on") !== (organization.publishes_source === 1))
        out.note(
          `Switching the source ${source} makes every client reinstall each package once, at its next composer update.`,
        );
      await updateOrganization(app, organization, { change, actor: "cli" });
      out.result({ id: organization.id, slug: organization.slug }, `Changed ${organization.slug}.`);
    },
  },
};

/** `org vendor add|remove SLUG VENDOR`. */
export const orgVendor: Record<string, Command> = {
  add: vendorCommand("Protect a vendor: its packages come only from this registry", claimVendor),
  remove: vendorCommand("Release a vendor: other registries may provide its packages again", giveUpVendor),
};

function vendorCommand(summary: string, act: typeof claimVendor): Command {
  return {
    summary,
    usage: "SLUG VENDOR",
    arity: [2, 2],
    options: {},
    async run(app, args, out) {
      const [slug = "", vendor = ""] = args.positionals;
      const organization = await getOrganization(app.db, slug);
      await act(app, organization, { vendor, actor: "cli" });
      const vendors = await listVendors(app.db, organization.id);
      out.result({ slug, vendors }, `${slug} owns: ${vendors.join(", ") || "nothing"}`);
    },
  };
}
