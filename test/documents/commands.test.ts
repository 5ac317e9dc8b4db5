import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, it } from 'vitest'
import { loadcell, writeScenario } from '../e2e/cli/loadcell.ts'
import { testTarget } from '../e2e/target/support.ts'
import { blocksIn, root } from '../support/markdown.ts'
import { folderFor, protocols } from './document-folder.ts'

const execute = promisify(execFile)
const main = join(root, 'cli/main.js')
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }

/** Replaces commands by ones that a test can afford: nothing is installed, benchmarked or served, and all commands share one target. */
const stand = (url: string) => `
set -eu
# options WORDS COMMAND...: checks that the command has the options among the words, without running it.
options() {
  words="$1"; shift
  help=$(node ${main} "$@" --help)
  for word in $words; do case "$word" in
    --*) grep -qe "$word" <<<"$help" || { echo "there is no $word"; return 1; } ;;
  esac; done
}
loadcell() {
  case "$1" in
    faults) shift; case "$1" in
      presets) node ${main} faults "$@" ;;
      *) node ${main} faults "$@" --url ${url} ;;
    esac ;;
    target) node ${main} "$@" --print-config ;;
    ledger) node ${main} ledger --url ${url} ;;
    # No run goes on here that ctl could control; test/e2e/cli/ctl.test.ts gives the commands to one.
    calibrate | ctl) options "$*" "$1" "$2" ;;
    compare | history | worker) options "$*" "$1" ;;
    lab)
      # A page stays open until somebody ends it.
      case " $* " in *" --ui"*) options --ui lab; return ;; esac
      node ${main} "$@" ;;
    capacity) node ${main} "$@" --probe 2s --probes 2 --warmup 0 --time 30s --quiet --out capacity ;;
    run)
      # A lesson that is refused for being too short says nothing about the document.
      case "$2" in coordinated-omission* | reconnect-storm | thundering-herd) length=5s ;; *) length=1s ;; esac
      case " $* " in *" --once "*) node ${main} "$@"; return ;; esac
      # The documents assume a baseline that nobody has recorded here, and a proxy and a cluster that nobody has started.
      case " $* " in *" --baseline "* | *" --proxy "* | *" --cluster "*) options "$*" run; return ;; esac
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
  case " ${Object.keys(scripts).join(' ')} " in *" $script "*) ;; *) echo "there is no script $script"; return 1 ;; esac
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
