import { Layout, type Assets } from "./layout.tsx";

export type ErrorProps = { appName: string; title: string; message: string; asset: Assets };

export function ErrorPage({ appName, title, message, asset }: ErrorProps) {
  return (
    <Layout title={title} appName={appName} asset={asset}>
      <h1>{title}</h1>
      <p class="lead">{message}</p>
      <p>
        <a href="/">To the start page</a>
      </p>
    </Layout>
  );
}
