// Scheduled jobs would fill every list, so they are shown on request.
import { Icon } from "../parts/icon.tsx";

export function TimetableSwitch({ isOn, href }: { isOn: boolean; href: string }) {
  return (
    <a class={["chip", isOn && "is-on"]} href={href}>
      {isOn ? "Scheduled jobs" : "Show scheduled jobs"}
      {isOn ? <Icon name="x" small /> : null}
      {isOn ? <span class="visually-hidden">hide them</span> : null}
    </a>
  );
}
