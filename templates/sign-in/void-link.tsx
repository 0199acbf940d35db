import { Bare, BareHead, type Outside } from "../frame/bare.tsx";
import { ButtonLink } from "../parts/button.tsx";

export type VoidLinkProps = { outside: Outside; message: string; way: { href: string; words: string } };

/** A link from a mail that opens nothing, and the way to another one. */
export function VoidLinkPage({ outside, message, way }: VoidLinkProps) {
  return (
    <Bare outside={outside} title="This link is no longer valid">
      <BareHead title="This link is no longer valid">{message}</BareHead>
      <div>
        <ButtonLink href={way.href} look="primary" wide>
          {way.words}
        </ButtonLink>
      </div>
    </Bare>
  );
}
