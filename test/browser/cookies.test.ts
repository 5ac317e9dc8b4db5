import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { CookieJar } from '../../harness/session/cookies/cookie-jar.ts'
import { hasChromium, launchChromium } from './chromium.ts'

const FROM = { host: 'www.shop.test', path: '/cart/items' }

/** `Set-Cookie` fields of one response, among them everything that a jar has to decide. */
const responses: string[][] = [
  ...['', '; Path=/', '; Path=/cart', '; Path=/cart/', '; Path=/other', '; Path=', '; Path=cart', '; path="/"'].map(
    path => [`a=1${path}`],
  ),
  ...[
    'shop.test',
    '.shop.test',
    'www.shop.test',
    'SHOP.TEST',
    'test',
    'x.www.shop.test',
    'other.test',
    '',
    '..shop.test',
  ].map(domain => [`a=1; Path=/; Domain=${domain}`]),
  ...['0', '-1', '100', '1e3', 'abc', '"60"', '+5', ''].map(age => [`a=1; Path=/; Max-Age=${age}`]),
  ...[
    'Thu, 01 Jan 1970 00:00:00 GMT',
    'Wed, 01-Jan-2098 00:00:00 GMT',
    'Wed Jan 01 2098 00:00:00',
    '01 Jan 98 00:00:00',
    'soon',
    '2098-01-01',
  ].map(date => [`a=1; Path=/; Expires=${date}`]),
  ['a=1; Path=/; Secure'],
  ['__Secure-a=1; Path=/; Secure'],
  ['__Host-a=1; Path=/'],
  ['__host-a=1; Path=/'],
  // With another value, Chromium would move it to the end; the standard keeps its place.
  ['a=1; Path=/; HttpOnly', 'b=2; Path=/cart', 'c=3; Path=/', 'a=1; Path=/'],
  ['a=1; Path=/', 'a=2; Path=/; Domain=shop.test', 'a=3; Path=/cart'],
  ['a=1; Path=/', 'a=; Path=/; Max-Age=0'],
  ['token; Path=/'],
  ['=value; Path=/'],
  ['a=; Path=/'],
  ['=; Path=/'],
  ['a=b=c; Path=/'],
  ['a="x y"; Path=/'],
  [' a  =  1  ;Path=/'],
  ['a=1,b=2; Path=/'],
  ['a=1; Path=/; Path=/other'],
  ['a=1; Path=/; Max-Age=0; Max-Age=100'],
  [`a=${'x'.repeat(4095)}; Path=/`],
  [`a=${'x'.repeat(4096)}; Path=/`],
  [`a=1; Path=/${'x'.repeat(1100)}`],
  [`a=1; Path=/; Domain=${'x'.repeat(1100)}`],
  Array.from({ length: 200 }, (_, at) => `c${at}=1; Path=/`).slice(0, 100),
]

const asked = [
  { host: 'www.shop.test', path: '/cart/items' },
  { host: 'www.shop.test', path: '/cart' },
  { host: 'www.shop.test', path: '/' },
  { host: 'www.shop.test', path: '/other/x' },
  { host: 'shop.test', path: '/cart/x' },
  { host: 'x.www.shop.test', path: '/cart/x' },
]

test.skipIf(!hasChromium())('a jar sends what Chromium sends', async () => {
  /** The `Cookie` field of each request, by host and path. */
  let sent: Record<string, string> = {}
  const server = createServer(({ url = '', headers }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://x')
    const set = searchParams.get('set')
    if (set === null) sent[headers.host!.split(':')[0] + pathname] = headers.cookie ?? 'none'
    else response.setHeader('set-cookie', responses[Number(set)]!)
    response.setHeader('content-type', 'text/plain').end('ok')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const browser = await launchChromium(
    `--host-resolver-rules=MAP *.test 127.0.0.1, MAP *.test:${port} 127.0.0.1:${port}`,
  )
  const urls = asked.map(({ host, path }) => `http://${host}:${port}${path}`)
  const differences: unknown[] = []
  try {
    for (const [ordinal, fields] of responses.entries()) {
      sent = {}
      const context = await browser.newContext()
      const page = await context.newPage()
      await page.goto(`http://${FROM.host}:${port}${FROM.path}?set=${ordinal}`)
      // All of them belong to the site of the page, so they carry the cookies that a visit would.
      await page.evaluate(
        `Promise.all(${JSON.stringify(urls)}.map(url => fetch(url, { mode: 'no-cors', credentials: 'include', cache: 'no-store' })))`,
      )
      const jar = new CookieJar()
      jar.receive(fields, `http://${FROM.host}:${port}`, FROM.path, Date.now())
      for (const { host, path } of asked) {
        const chromium = sent[host + path]?.slice(0, 300)
        const ours = (jar.headerFor(`http://${host}:${port}`, path, Date.now()) ?? 'none').slice(0, 300)
        if (ours !== chromium)
          differences.push({ fields: fields.map(field => field.slice(0, 80)), host, path, ours, chromium })
      }
      await context.close()
    }
  } finally {
    await browser.close()
    server.close()
  }
  expect(differences).toEqual([])
})
