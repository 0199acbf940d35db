import { BottomBar, Rail } from "./rail.tsx";
import type { Child, Markup } from "../jsx/jsx-runtime.ts";
import { Layout } from "./layout.tsx";
import { Live, type Topics } from "./live.tsx";
import { PaletteDialog } from "../palette/palette.tsx";
import { Notice, Toast } from "../parts/notice.tsx";
import type { Section, FrameData } from "./shell.ts";
import { ShortcutsDialog } from "../palette/shortcuts.tsx";
import { TopBar, type PathPart } from "./top-bar.tsx";

/** A page for users who are signed in. */
export function Frame(props: {
  shell: FrameData;
  title: string;
  section: Section | null;
  path: PathPart[];
  children?: Child;
}): Markup {
  const { shell, title, section, path, children } = props;
  const { organization } = shell;
  return (
    <Layout
      title={title}
      appName={shell.appName}
      asset={shell.asset}
      theme={shell.viewer.theme}
      organization={shell.isOutside ? undefined : organization?.name}
      body="framed"
    >
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <Rail shell={shell} section={section} />
      <TopBar shell={shell} path={path} />
      <main class="page" id="content" tabindex="-1">
        <div id="live-paused" class="live-paused" hidden>
          <Notice tone="plain" small icon="wifi-off" title="Live updates paused">
            This page may be out of date. It reconnects automatically.
          </Notice>
        </div>
        <div class="stack">{children}</div>
      </main>
      <BottomBar shell={shell} section={section} />
      <div class="toasts" id="toasts" role="status">
        {shell.toast === null ? null : <Toast>{shell.toast}</Toast>}
      </div>
      <div class="visually-hidden" id="announcements" role="status" aria-live="polite" />
      <PaletteDialog organization={organization?.slug ?? null} />
      <ShortcutsDialog />
      {organization && (!shell.isOutside || section === "jobs") ? (
        <Live topics={topicsOf(organization.slug, section)} />
      ) : null}
    </Layout>
  );
}

/** Only the job dashboard follows the queue. */
function topicsOf(organization: string, section: Section | null): Topics {
  return { organization, ...(section === "jobs" ? { jobs: true } : {}) };
}
