// Between this registry and a provider: on the way there, and back without success.
import { PublicLayout, PublicHead, type PublicFrame } from "../frame/bare.tsx";
import { ButtonLink } from "../parts/button.tsx";

/** A form of ours may lead to no other site, so that this page leads there. */
export function OnwardPage({ outside, title, href }: { outside: PublicFrame; title: string; href: string }) {
  return (
    <PublicLayout outside={outside} title={`Continue to ${title}`} onward={href}>
      <PublicHead title={`Continue to ${title}`}>You'll sign in there and then come back here.</PublicHead>
      <ButtonLink href={href} variant="primary" wide>
        {`Go to ${title}`}
      </ButtonLink>
    </PublicLayout>
  );
}

type OauthFailedProps = {
  outside: PublicFrame;
  message: string;
  remedy: string | null;
  way: { href: string; text: string };
};

export function OauthFailedPage({ outside, message, remedy, way }: OauthFailedProps) {
  return (
    <PublicLayout outside={outside} title="That did not work">
      <PublicHead title="That did not work">{message}</PublicHead>
      {remedy === null ? null : <p class="secondary">{remedy}</p>}
      <ButtonLink href={way.href} variant="primary" wide>
        {way.text}
      </ButtonLink>
    </PublicLayout>
  );
}
