/** What a browser calls itself, in words: "Firefox on Linux". Anybody can say anything there. */
export function browserName(userAgent: string): string {
  const name = browsers.find(([, pattern]) => pattern.test(userAgent))?.[0];
  const system = systems.find(([, pattern]) => pattern.test(userAgent))?.[0];
  if (name && system) return `${name} on ${system}`;
  return name ?? system ?? (userAgent.slice(0, 60) || "An unknown browser");
}

// The order matters: most of them also call themselves Chrome or Safari.
const browsers: [string, RegExp][] = [
  ["Edge", /\bEdg/],
  ["Opera", /\bOPR\//],
  ["Firefox", /\b(Firefox|FxiOS)\//],
  ["Chromium", /\b(HeadlessChrome|Chromium)\//],
  ["Chrome", /\b(Chrome|CriOS)\//],
  ["Safari", /\bSafari\//],
];

const systems: [string, RegExp][] = [
  ["iPhone", /\biPhone\b/],
  ["iPad", /\biPad\b/],
  ["Android", /\bAndroid\b/],
  ["Windows", /\bWindows\b/],
  ["macOS", /\bMac OS X\b/],
  ["Linux", /\bLinux\b/],
];
