import type { Child } from "../jsx/jsx-runtime.ts";

/**
 * Vendor in gray, the rest strong; the front shrinks, what follows the last hyphen stays. With `row` the link's
 * click area is the whole table row.
 */
export function PackageName({ name, href, row }: { name: string; href?: string; row?: boolean }) {
  const [vendor, rest] = vendorAndRest(name);
  const at = rest.lastIndexOf("-");
  const [front, tail] = at > 3 ? [rest.slice(0, at), rest.slice(at)] : [rest, ""];
  const content = (
    <>
      {vendor ? (
        <span class="vendor">
          {vendor}
          <wbr />
        </span>
      ) : null}
      <span class="front">{breakable(front)}</span>
      {tail ? <span class="tail">{tail}</span> : null}
    </>
  );
  if (href === undefined)
    return (
      <span class="package-name" title={name}>
        {content}
      </span>
    );
  return (
    <a class={["package-name", row && "row-link"]} href={href} title={name}>
      {content}
    </a>
  );
}

/** "acme/billing" → ["acme/", "billing"]; without a slash the first part is empty. */
export function vendorAndRest(name: string): [vendor: string, rest: string] {
  const slash = name.indexOf("/") + 1;
  return [name.slice(0, slash), name.slice(slash)];
}

/** On a phone a name wraps after its hyphens. */
function breakable(text: string): Child[] {
  return text.split(/(?<=-)/).flatMap((part, index): Child[] => (index === 0 ? [part] : [<wbr />, part]));
}
