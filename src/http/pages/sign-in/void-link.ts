// Links from mails that are not valid any more: the page says so and links to another one.
import { VoidLinkPage } from "../../../../templates/sign-in/void-link.tsx";
import { Failure, textOf } from "../../../errors.ts";
import { html, statusOf } from "../../answers.ts";
import { publicFrameOf, type PageSetup } from "../../page.ts";

/** The result of `work`, or the page that says why the link is not valid. */
export async function throughLink<Result>(
  setup: PageSetup,
  link: { href: string; text: string },
  work: () => Promise<Result>,
): Promise<Result | Response> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Failure) || error.kind !== "notFound") throw error;
    const page = VoidLinkPage({ outside: publicFrameOf(setup), message: textOf(error), way: link });
    return html(page.html, statusOf.notFound);
  }
}
