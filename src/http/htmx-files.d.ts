// Imported `with { type: "file" }`: where the file lies, on the disk or in the binary.
declare module "htmx.org/dist/*.min.js" {
  const place: string;
  export default place;
}
