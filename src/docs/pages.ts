// The pages at /docs. The build puts the rendered ones in the place of this call.
import { join } from "node:path";
import { renderDocs, type Docs } from "./render.ts";

export const docs: Docs = renderDocs(join(import.meta.dir, "../.."));
