/** The page at `/docs`: a frame for Swagger UI. */
export const docsPage = page(
  'Loadcell target: the API',
  `<div id="swagger-ui"></div>
<noscript>This page needs JavaScript; the same is at <a href="/openapi.json">/openapi.json</a>.</noscript>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/page.js"></script>`,
  '<link rel="stylesheet" href="/docs/swagger-ui.css">',
)

export const docsScript = `SwaggerUIBundle({
  url: '/openapi.json',
  domNode: document.getElementById('swagger-ui'),
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  filter: true,
  persistAuthorization: true,
  tryItOutEnabled: true,
  validatorUrl: null,
})
`

/** The front page at `/`, which links to the others. */
export const frontPage = page(
  'Loadcell target',
  `<main>
<h1>Loadcell target</h1>
<p>A server to try load tests on, which keeps a ledger of what truly happened.</p>
<ul>
<li><a href="/docs">The API</a>, to read and to try; as <a href="/openapi.json">OpenAPI 3.1</a></li>
<li><a href="/healthz">Health</a></li>
<li><a href="/metrics">Metrics</a>, for Prometheus</li>
<li><a href="/_loadcell/ledger/page">The ledger</a> of the default run, as <a href="/_loadcell/ledger">JSON</a> too, and the <a href="/_loadcell/config">configuration</a></li>
</ul>
</main>`,
)

export const docsStyle = `body { margin: 0; font-family: system-ui, sans-serif; color: #1f2933; background: #fff; }
body > main { max-width: 40rem; margin: 4rem auto; padding: 0 1.5rem; line-height: 1.6; }
@media (prefers-color-scheme: dark) {
  body:has(> main) { background: #14181d; color: #e4e7eb; }
  body > main a { color: #7cc4fa; }
}
`

function page(title: string, body: string, head = ''): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="/docs/favicon-32x32.png">
${head}<link rel="stylesheet" href="/docs/page.css">
</head>
<body>
${body}
</body>
</html>
`
}
