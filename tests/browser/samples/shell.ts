import type { FrameData } from "../../../templates/frame/shell.ts";
import type { Assets } from "../../../templates/frame/layout.tsx";

export const now = Date.parse("2026-11-24T12:04:09Z");
export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

export const host = "registry.acme.example";
export const appUrl = `https://${host}`;

export function shellOf(asset: Assets, changes: Partial<FrameData> = {}): FrameData {
  return {
    appName: "Pricore",
    appUrl,
    version: "1.4.2",
    asset,
    viewer: { name: "ann", email: "ann@acme.example", isAdmin: true, theme: "system" },
    organization: {
      slug: "acme",
      name: "Acme",
      role: "owner",
      packages: 24,
      repositories: 21,
      failing: 0,
    },
    organizations: [
      { slug: "acme", name: "Acme" },
      { slug: "north", name: "North Sea Instruments" },
    ],
    toast: null,
    docs: "/docs",
    ...changes,
  };
}

/** Of 30 days, with weekends; always the same. */
export function downloads(scale: number): number[] {
  return Array.from({ length: 30 }, (_, index) => {
    const isWeekend = index % 7 === 0 || index % 7 === 6;
    const wave = 0.75 + 0.25 * Math.sin(index * 1.7);
    return Math.round(scale * wave * (isWeekend ? 0.2 : 1) * (index === 29 ? 0.4 : 1));
  });
}

export function days(values: number[]): { label: string; value: number }[] {
  const names = ["Oct", "Nov"];
  return values.map((value, index) => {
    const at = new Date(now - (values.length - 1 - index) * day);
    return { label: `${at.getUTCDate()} ${names[at.getUTCMonth() - 9]}`, value };
  });
}
