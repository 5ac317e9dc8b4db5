/** Visitors of a shop that knows nothing of Loadcell: they log in, upload a photo, and ask its API on another host. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { file, matchesSchema, scenario, user } from '../../../harness/scenario.ts'

const place = new URL(import.meta.url)
const photo = file(place, { type: 'image/png', name: 'Zoë "cat".png' })
const sha256 = createHash('sha256').update(readFileSync(place)).digest('hex')

const isOrders = matchesSchema({
  type: 'object',
  required: ['items', 'total'],
  properties: {
    items: { type: 'array', items: { type: 'object', required: ['id'], properties: { id: { type: 'integer' } } } },
    total: { type: 'integer' },
  },
})

export default scenario({
  load: { executor: 'per-vu-iterations', vus: 3, iterations: 2 },
  warmup: 0,
  // `--host` names the right one.
  hosts: { api: 'http://localhost:9' },
  http: { acceptEncoding: ['gzip'] },
  users: [
    user('visitor', {
      async iterate({ http, sse, check, vu }) {
        const login = await http.get('/')
        check(login, { 'is led to the login': ({ redirects, url }) => redirects === 1 && url.endsWith('/login') })
        const form = login.html().form('#login')
        const refused = await http.post(form.action, {
          form: { ...form.fields, user: 'ada', password: 'wrong' },
          expect: 403,
        })
        check(refused, { 'a wrong password is refused': ({ ok }) => ok })
        const account = await http.post(form.action, {
          form: { ...form.fields, user: `ada ${vu.id}`, password: 'letmein' },
        })
        const page = account.html()
        check(account, {
          'is led to the account': ({ redirects }) => redirects === 1,
          'is compressed': response => response.header('content-encoding') === 'gzip' && response.bodyBytes < 2000,
          'greets its user': () => page.text('h1') === `Hello, ada ${vu.id}`,
        })
        const upload = page.form('#upload')
        const stored = await http.post(upload.action, { multipart: { ...upload.fields, title: 'My cat', photo } })
        check(stored, {
          'has every byte and the name': response =>
            response.json('/sha256') === sha256 && response.json('/name') === 'Zoë "cat".png',
        })
        const authorization = `Bearer ${page.attribute('meta[name=api-token]', 'content')}`
        check(await http.get('api:/v1/orders', { headers: { authorization } }), { 'are orders': isOrders })
        const words: string[] = []
        const prompt = { prompt: 'one two three' }
        for await (const { data } of sse.open('api:/v1/answers', { raw: true, method: 'POST', json: prompt })) {
          words.push(data)
        }
        check(words, { 'are all words': list => list.join(' ') === 'one two three [DONE]' })
      },
    }),
  ],
  thresholds: { checks: ['rate==1'], http_req_failed: ['rate==0'], iterations: ['count==6'] },
})
