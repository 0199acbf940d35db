import { PublicLayout, PublicHead, type PublicFrame } from "../frame/bare.tsx";
import { ButtonLink } from "../parts/button.tsx";

type VoidLinkProps = { outside: PublicFrame; message: string; way: { href: string; text: string } };

/** A link from a mail that is no longer valid, and how to get another one. */
export function VoidLinkPage({ outside, message, way }: VoidLinkProps) {
  return (
    <PublicLayout outside={outside} title="This link is no longer valid">
      <PublicHead title="This link is no longer valid">{message}</PublicHead>
      <div>
        <ButtonLink href={way.href} variant="primary" wide>
          {way.text}
        </ButtonLink>
      </div>
    </PublicLayout>
  );
}
