import { execFile } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Block, blocks, blocksIn, moduleOf, root } from '../support/markdown.ts'
import { shopPaths, startDocumentedShop } from '../support/documented-shop.ts'
import { certificate } from '../support/certificates.ts'
import { certifiedHost } from '../support/tls-server.ts'
import { testTarget, type TestTarget } from '../e2e/target/support.ts'
import { loadcell, readResult, scratchFolder, writeScenario } from '../e2e/cli/loadcell.ts'

const execute = promisify(execFile)
const main = join(root, 'cli/main.js')

/** Replaces commands by ones that a test can afford: nothing is installed, benchmarked or served, and all commands share one target. */
const stand = (url: string) => `
set -eu
loadcell() {
  case "$1" in
    faults) shift; case "$1" in
      presets) node ${main} faults "$@" ;;
      *) node ${main} faults "$@" --url ${url} ;;
    esac ;;
    target) node ${main} "$@" --print-config ;;
    ledger) node ${main} ledger --url ${url} ;;
    calibrate)
      command="$2"
      for word in "$@"; do case "$word" in
        --*) node ${main} calibrate $command --help | grep -qe "$word" || { echo "there is no $word"; return 1; } ;;
      esac; done ;;
    compare | history)
      for word in "$@"; do case "$word" in
        --*) node ${main} "$1" --help | grep -qe "$word" || { echo "there is no $word"; return 1; } ;;
      esac; done ;;
    ctl)
      # No run goes on here; test/e2e/cli/ctl.test.ts gives the commands to one.
      for word in "$@"; do case "$word" in
        --*) node ${main} ctl "$2" --help | grep -qe "$word" || { echo "there is no $word"; return 1; } ;;
      esac; done ;;
    worker)
      for word in "$@"; do case "$word" in
        --*) node ${main} worker --help | grep -qe "$word" || { echo "there is no $word"; return 1; } ;;
      esac; done ;;
    lab)
      # A page stays open until somebody ends it.
      case " $* " in *" --ui"*) node ${main} lab --help | grep -qe --ui; return ;; esac
      node ${main} "$@" ;;
    capacity) node ${main} "$@" --probe 2s --probes 2 --warmup 0 --time 30s --quiet --out capacity ;;
    run)
      # A lesson that is refused for being too short says nothing about the document.
      case "$2" in coordinated-omission* | reconnect-storm | thundering-herd) length=5s ;; *) length=1s ;; esac
      case " $* " in *" --once "*) node ${main} "$@"; return ;; esac
      # The documents assume a baseline that nobody has recorded here, and a proxy and a cluster that nobody has started.
      case " $* " in *" --baseline "* | *" --proxy "* | *" --cluster "*)
        for word in "$@"; do case "$word" in
          --*) node ${main} run --help | grep -qe "$word" || { echo "there is no $word"; return 1; } ;;
        esac; done; return ;;
      esac
      node ${main} "$@" --duration $length --warmup 0 --out run --quiet ;;
    *) node ${main} "$@" ;;
  esac
}
npm() {
  case "$1" in
    ci | install) return ;;
    start | test) script="$1"; shift ;;
    run) script="$2"; shift 2 ;;
    *) echo "npm $1 is not known here"; return 1 ;;
  esac
  node -e 'process.exit(process.argv[1] in require("${root}/package.json").scripts ? 0 : 1)' "$script" ||
    { echo "there is no script $script"; return 1; }
  if [ "$script" = loadcell ]; then shift; loadcell "$@"; fi
}
nats-server() { return; }
# Clusters and containers are not started here: the suites test:cluster, test:interop and test:containers do. Their files must be there.
docker() { [ "$1" = build ] && [ -e ${root}/Dockerfile ]; }
docker-compose() { [ "$1" = -f ] && [ -e "${root}/$2" ]; }
kubectl() {
  while [ $# -gt 0 ]; do
    case "$1" in -k | -f) [ -e "${root}/$2" ] || { echo "there is no $2"; return 1; } ;; esac
    shift
  done
}
curl() {
  code=0
  command curl -sS --fail --max-time 3 "$@" || code=$?
  # A stream that goes on for ever is one that works.
  case " $* " in *" -N "*) [ $code = 28 ] && code=0 ;; esac
  return $code
}
`

const { authority, server: shopCertificate } = certifiedHost(['shop.example.com'])
const tester = certificate({ name: 'tester', issuer: authority })

/** Writes the files that blocks of a document contain by name, and the data that its scenarios read. */
function folderFor(document: string): string {
  const folder = scratchFolder()
  for (const { document: other, fileName, language, text } of blocks) {
    if (other !== document || fileName === undefined) continue
    mkdirSync(dirname(join(folder, fileName)), { recursive: true })
    // The scenario runs against the embedded target, whatever address the document names.
    writeFileSync(join(folder, fileName), language === 'ts' ? moduleOf({ text } as Block) : text)
  }
  copyFileSync(join(root, 'scenarios/data/accounts.csv'), join(folder, 'accounts.csv'))
  writeFileSync(join(folder, 'cat.jpg'), Buffer.from([0xff, 0xd8, 0xff, 0xd9]))
  mkdirSync(join(folder, 'certificates'), { recursive: true })
  writeFileSync(join(folder, 'certificates/authority.pem'), authority.cert)
  writeFileSync(join(folder, 'certificates/tester.pem'), tester.cert)
  writeFileSync(join(folder, 'certificates/tester.key'), tester.key)
  return folder
}

/** Writes the result of an earlier run, which the documents assume. */
async function writeResult(folder: string): Promise<void> {
  const source = `
import { scenario, user } from 'loadcell'
export default scenario({
  load: { executor: 'per-vu-iterations', vus: 1, iterations: 3 },
  users: [user('reader', { iterate: ({ http }) => http.get('/products') })],
})`
  const { output, code } = await loadcell(['run', writeScenario(source), '--warmup', '0', '--quiet', '--out', folder])
  if (code !== 0) throw new Error(output)
}

/** Documents switch on what they show, in a command before or in words. */
const protocols = {
  'graphql.enabled': 'true',
  'llm.enabled': 'true',
  'stomp.enabled': 'true',
  'socketio.enabled': 'true',
  'grpc.enabled': 'true',
}

describe('a scenario in a document', () => {
  let shared: TestTarget
  let shop: { url: string; close(): void }
  let secureShop: { url: string; close(): void }
  beforeAll(async () => {
    shared = await testTarget({ 'feed.orders': '5', ...protocols })
    shop = await startDocumentedShop()
    // It knows only clients with a certificate.
    const { cert, key } = shopCertificate
    secureShop = await startDocumentedShop({ cert, key, ca: authority.cert, requestCert: true })
  })
  afterAll(() => {
    shop.close()
    secureShop.close()
  })
  const targetOf = (text: string) => {
    if (/\btls:/.test(text)) return secureShop.url
    return shopPaths.some(path => text.includes(path)) ? shop.url : shared.url
  }

  it.each(blocksIn('ts'))(
    'runs against the reference target, or the server that it assumes: %s',
    async (_place, block) => {
      const folder = folderFor(block.document)
      writeFileSync(join(folder, 'block.ts'), moduleOf(block).replaceAll('http://127.0.0.1:8080', shared.url))
      const counted = moduleOf(block).includes('per-vu-iterations')
      const out = join(folder, 'out')
      const length = counted ? [] : ['--duration', '3s']
      // A scenario that changes its target gets one of its own; the others share one.
      const target = /\b(target|disturb|faults):/.test(block.text) ? [] : ['--target', targetOf(block.text)]
      const declared = /\bhosts: \{(.+)\}/.exec(block.text)?.[1] ?? ''
      const hosts = [...declared.matchAll(/(\w+): (?:\{ url: )?'https:/g)].flatMap(([, name]) => [
        '--host',
        `${name}=${shop.url}`,
      ])
      const { output } = await loadcell(
        ['run', 'block.ts', ...length, ...target, ...hosts, '--warmup', '0', '--quiet', '--out', out],
        {
          cwd: folder,
        },
      )
      // A run that is too short for its lesson is rejected, as the document says.
      const because = /needs: .*because: '(.+)'/.exec(block.text)?.[1]
      if (because !== undefined) return expect(output.replaceAll(/\s+/g, ' ')).toContain(because)
      expect(existsSync(join(out, 'result.json')), output).toBe(true)
      const { outcome, errors, totals, thresholds } = readResult(out)
      expect({ state: outcome.state, outcomeDetail: outcome.detail }).toEqual({
        state: 'completed',
        outcomeDetail: 'The run went through as planned.',
      })
      // Failures caused by a busy machine are not errors of the document; unknown routes are.
      const injected = block.text.includes('brownout')
      const wrong = errors.filter(({ reason }) => reason === 'exception' || (reason === 'status' && !injected))
      expect(wrong).toEqual([])
      expect(totals.iterations + totals.requests).toBeGreaterThan(0)
      expect(thresholds.filter(({ state }) => state === 'no-data')).toEqual([])
    },
  )
})

describe('the commands in a document', () => {
  it.each(blocksIn('sh'))('work as they stand: %s', async (_place, { document, text }) => {
    if (text.includes('jq ') && !existsSync('/usr/bin/jq')) {
      process.stderr.write(`${document}: jq is not installed, and the block that needs it is SKIPPED\n`)
      return
    }
    const target = await testTarget(protocols)
    const folder = folderFor(document)
    mkdirSync(join(folder, 'home'))
    if (text.includes('result.json')) await writeResult(folder)
    const script = [
      stand(target.url),
      text
        .replaceAll(/ --(?:target|url) http:\/\/127\.0\.0\.1:\d+/g, '')
        .replaceAll('http://127.0.0.1:8080', target.url),
    ].join('')
    await execute('bash', ['-c', script], {
      cwd: folder,
      timeout: 100_000,
      env: {
        ...process.env,
        PATH: `${resolve(process.execPath, '..')}:${process.env['PATH']}`,
        HOME: join(folder, 'home'),
      },
    }).catch((error: unknown) => {
      const { stdout, stderr, code } = error as { stdout: string; stderr: string; code: number }
      // The document does not promise that thresholds hold, least of all in a run of one second.
      if (code !== 99 && code !== 98) throw new Error(`${text}\nended with ${code}:\n${stdout}${stderr}`)
    })
  })
})
