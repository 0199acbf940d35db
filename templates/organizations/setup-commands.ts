// The commands that make Composer use this registry, as every page shows them.
import type { Command } from "../parts/command.tsx";

type Registry = { appUrl: string; slug: string };

/** Once per machine. */
export function loginCommand(appUrl: string, token: string): Command {
  return ["composer config --global --auth http-basic.", { own: new URL(appUrl).host }, ` token ${token}`];
}

/** Once per project. Over plain HTTP, Composer must be allowed to use the registry, on localhost too. */
export function projectCommands({ appUrl, slug }: Registry): Command[] {
  const repository: Command = [
    `composer config repositories.${slug} composer `,
    { own: `${appUrl}/${slug}` },
  ];
  return appUrl.startsWith("http:") ? [repository, ["composer config secure-http false"]] : [repository];
}

/** `composer require acme/blog:^1.0`. */
export function requireCommand(name: string, constraint: string | null): Command {
  return ["composer require ", { own: name }, constraint === null ? "" : `:${constraint}`];
}

/** What COMPOSER_AUTH, or an auth.json, holds. */
export function authJson(appUrl: string, token: string): string {
  return JSON.stringify({ "http-basic": { [new URL(appUrl).host]: { username: "token", password: token } } });
}

export type Snippet = { name: string; file: string; before: string; lines: string[] };

/** For CI systems and image builds. The token is kept in a secret, never in a file of the project. */
export function snippets(): Snippet[] {
  return [
    {
      name: "GitHub Actions",
      file: ".github/workflows/ci.yml",
      before: "Add the JSON below as the repository secret COMPOSER_AUTH.",
      lines: [
        "jobs:",
        "  test:",
        "    runs-on: ubuntu-latest",
        "    env:",
        "      COMPOSER_AUTH: ${{ secrets.COMPOSER_AUTH }}",
        "    steps:",
        "      - uses: actions/checkout@v4",
        "      - uses: shivammathur/setup-php@v2",
        "        with:",
        '          php-version: "8.3"',
        "      - run: composer install --no-interaction --prefer-dist",
      ],
    },
    {
      name: "GitLab CI",
      file: ".gitlab-ci.yml",
      before: "Add the JSON below as the masked variable COMPOSER_AUTH. Composer reads it automatically.",
      lines: [
        "install:",
        "  image: composer:2",
        "  script:",
        "    - composer install --no-interaction --prefer-dist",
      ],
    },
    {
      name: "Bitbucket Pipelines",
      file: "bitbucket-pipelines.yml",
      before:
        "Add the JSON below as the secured repository variable COMPOSER_AUTH. Composer reads it automatically.",
      lines: [
        "image: composer:2",
        "pipelines:",
        "  default:",
        "    - step:",
        "        script:",
        "          - composer install --no-interaction --prefer-dist",
      ],
    },
    {
      name: "Docker",
      file: "Dockerfile",
      before:
        "Keep the JSON below in a file outside the project. Build with: docker build --secret id=composer,src=auth.json .",
      lines: [
        "FROM composer:2 AS vendor",
        "WORKDIR /app",
        "COPY composer.json composer.lock ./",
        "RUN --mount=type=secret,id=composer,target=/tmp/auth.json \\",
        '    COMPOSER_AUTH="$(cat /tmp/auth.json)" composer install --no-dev --no-interaction --no-scripts',
      ],
    },
  ];
}
