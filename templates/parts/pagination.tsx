import { Icon } from "./icon.tsx";
import { count } from "./numbers.ts";

/** "1–50 of 312", Previous, Next, and numbers up to seven pages. Nothing when one page holds all. */
export function Pagination(props: {
  page: number;
  pageSize: number;
  total: number;
  href: (page: number) => string;
}) {
  const { page, pageSize, total, href } = props;
  const pages = Math.ceil(total / pageSize);
  if (pages <= 1) return <></>;
  const first = (page - 1) * pageSize + 1;
  const numbers = pages <= 7 ? Array.from({ length: pages }, (_, index) => index + 1) : [];
  return (
    <nav class="pagination" aria-label="Pages">
      <p class="num">{`${count(first)}–${count(Math.min(total, page * pageSize))} of ${count(total)}`}</p>
      <div class="pages">
        {page > 1 ? (
          <a class="button" href={href(page - 1)} rel="prev">
            <Icon name="chevron-left" small />
            Previous
          </a>
        ) : null}
        {numbers.map((number) => (
          <a href={href(number)} aria-current={number === page ? "page" : undefined}>
            <span class="visually-hidden">Page </span>
            {number}
          </a>
        ))}
        {page < pages ? (
          <a class="button" href={href(page + 1)} rel="next">
            Next
            <Icon name="chevron-right" small />
          </a>
        ) : null}
      </div>
    </nav>
  );
}
