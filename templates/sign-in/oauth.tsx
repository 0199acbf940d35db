// Between this registry and a provider: on the way there, and back without success.
import { Bare, BareHead, type Outside } from "../frame/bare.tsx";
import { ButtonLink } from "../parts/button.tsx";

/** A form of ours may lead to no other site, so that this page leads there. */
export function OnwardPage({ outside, title, href }: { outside: Outside; title: string; href: string }) {
  return (
    <Bare outside={outside} title={`On to ${title}`} onward={href}>
      <BareHead title={`On to ${title}`}>You are asked there, and come back here afterwards.</BareHead>
      <ButtonLink href={href} look="primary" wide>
        {`Go to ${title}`}
      </ButtonLink>
    </Bare>
  );
}

export type TripFailedProps = {
  outside: Outside;
  message: string;
  remedy: string | null;
  way: { href: string; words: string };
};

export function TripFailedPage({ outside, message, remedy, way }: TripFailedProps) {
  return (
    <Bare outside={outside} title="That did not work">
      <BareHead title="That did not work">{message}</BareHead>
      {remedy === null ? null : <p class="secondary">{remedy}</p>}
      <ButtonLink href={way.href} look="primary" wide>
        {way.words}
      </ButtonLink>
    </Bare>
  );
}
