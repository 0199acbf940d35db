// What a running sync belongs to.
import type { App } from "../../app.ts";
import type { Organization } from "../../store/organizations/organizations.ts";
import type { Repository } from "../../store/repositories/repositories.ts";
import type { Sync } from "../../store/syncs/syncs.ts";

export type SyncContext = { app: App; organization: Organization; repository: Repository; sync: Sync };
