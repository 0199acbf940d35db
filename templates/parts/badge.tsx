import type { Child } from "../jsx/jsx-runtime.ts";
import { Icon } from "./icon.tsx";
import type { IconName } from "./icons.ts";

type Severity = "critical" | "high" | "medium" | "low";

/** 20 px, tinted. Not for states. */
export function Badge(props: {
  tone?: "accent" | "fail" | "wait" | "plain";
  icon?: IconName;
  children?: Child;
}) {
  const { tone = "plain", icon, children } = props;
  return (
    <span class={["badge", `is-${tone}`]}>
      {icon ? <Icon name={icon} small /> : null}
      {children}
    </span>
  );
}

/** "1 critical" with a shield; a link when `href` is given. */
export function SeverityBadge(props: { severity: Severity; count?: number; href?: string }) {
  const { severity, count, href } = props;
  const classes = ["badge", `is-${toneOf[severity]}`];
  const content = [
    <Icon name="shield-alert" small />,
    count === undefined ? severity : `${count} ${severity}`,
    <span class="visually-hidden"> {count === undefined || count === 1 ? "advisory" : "advisories"}</span>,
  ];
  if (href === undefined) return <span class={classes}>{content}</span>;
  return (
    <a class={classes} href={href}>
      {content}
    </a>
  );
}

const toneOf = { critical: "fail", high: "fail", medium: "wait", low: "plain" };
