// The addresses of the pages, for every link and every redirect: templates and the server build them here and nowhere
// else. What is done on a page has its address below that of the page.

/** Of the organization, or, where `slug` is null, of the viewer. */
type Slug = string | null;

const organization = (slug: string) => `/organizations/${slug}`;
const settings = (slug: string) => `${organization(slug)}/settings`;
const repositories = (slug: string) => `${organization(slug)}/repositories`;
const packages = (slug: string) => `${organization(slug)}/packages`;
const credentials = (slug: string) => `${settings(slug)}/credentials`;
const tokens = (slug: Slug) => (slug === null ? "/account/tokens" : `${settings(slug)}/tokens`);

export const paths = {
  organization,
  start: (slug: string) => `${organization(slug)}/start`,
  confirmRestore: "/operations/confirm-restore",
  activity: (slug: string) => `${organization(slug)}/activity`,
  use: (slug: string) => `${organization(slug)}/use`,

  repositories,
  newRepository: (slug: string) => `${repositories(slug)}/new`,
  fromForge: (slug: string) => `${repositories(slug)}/new/from-forge`,
  repository: (slug: string, name: string) => `${repositories(slug)}/${encodeURIComponent(name)}`,

  packages,
  /** The vendor and the name are parts of the path. */
  package: (slug: string, name: string) => `${packages(slug)}/${name}`,

  settings,
  setting: (slug: string, name: string) => `${settings(slug)}/${name}`,
  members: (slug: string) => `${settings(slug)}/members`,
  dangerZone: (slug: string) => `${settings(slug)}/danger-zone`,
  vendor: (slug: string, vendor: string) => `${settings(slug)}/vendors/${encodeURIComponent(vendor)}`,
  sshKeys: (slug: string) => `${settings(slug)}/ssh-keys`,
  credentials,
  credential: (slug: string, id: string) => `${credentials(slug)}/${id}`,
  connectForge: (slug: string) => `${credentials(slug)}/connect`,

  tokens,
  newToken: (slug: Slug) => `${tokens(slug)}/new`,

  /** `webhooks`, or `operations#jobs` for a part of a page. */
  docs: (page: string) => `/docs/${page}`,

  account: (page: string) => `/account/${page}`,
  ownOrganization: (slug: string) => `/account/organizations/${slug}`,
  connection: (id: string) => `/account/connections/${id}`,
  session: (id: string) => `/account/sessions/${id}`,
  passkey: (id: string) => `/account/security/passkeys/${id}`,
};
