// The names of the pages, for routes: their text is loaded by the first visit. A test compares them with docs/.

export const pageNames = [
  "use-in-a-project",
  "installation",
  "configuration",
  "commands",
  "git-hosts",
  "webhooks",
  "operations",
  "backup",
  "several-machines",
  "promises",
  "security",
  "composer-conformance",
  "benchmarks",
  "architecture",
];
