// Pages that confirm what concerns every job.
import { Frame } from "../frame/frame.tsx";
import { Button, Cancel } from "../parts/button.tsx";
import { DialogBody } from "../parts/dialog.tsx";
import { counted } from "../parts/numbers.ts";
import type { FrameData } from "../frame/shell.ts";

type ConfirmationProps = { shell: FrameData; base: string };

export function PauseAllPage({ shell, base }: ConfirmationProps) {
  return (
    <Frame
      shell={shell}
      title="Pause all jobs"
      section="jobs"
      path={[{ label: "Jobs", href: base }, { label: "Pause" }]}
    >
      <DialogBody
        page
        title="Pause all jobs?"
        about="No syncs, mail or other jobs start until someone resumes them. Running jobs can finish. Composer is not affected. Your name is shown with the pause."
      >
        <form method="post" action={`${base}/pause`}>
          <div class="actions">
            <Button variant="primary" icon="pause">
              Pause all jobs
            </Button>
            <Cancel href={base} />
          </div>
        </form>
      </DialogBody>
    </Frame>
  );
}

export function ForgetAllPage({ shell, base, failed }: ConfirmationProps & { failed: number }) {
  return (
    <Frame
      shell={shell}
      title="Forget all failed jobs"
      section="jobs"
      path={[{ label: "Jobs", href: base }, { label: "Forget all" }]}
    >
      <DialogBody
        page
        title={`Forget ${counted(failed, "failed job")}?`}
        about="They are removed from the list with their reasons and cannot be retried. Repositories, mail and webhooks are not affected."
      >
        <form method="post" action={`${base}/forget-all`}>
          <div class="actions">
            <Button destroys icon="trash-2">
              Forget all
            </Button>
            <Cancel href={`${base}/jobs?state=failed`} />
          </div>
        </form>
      </DialogBody>
    </Frame>
  );
}
