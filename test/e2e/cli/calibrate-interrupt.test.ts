import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { scratchFolder, startLoadcell } from './loadcell.ts'

const PAGE = '# Ours\n\n<!-- calibration: begin -->\nBefore.\n<!-- calibration: end -->\n'

it.each<{ args: string[]; during: RegExp; signal: NodeJS.Signals; head: RegExp; complete: RegExp; missing: RegExp }>([
  {
    args: ['harness', '--quick', '--subject', 'omission', '--subject', 'delivery'],
    during: /^Delivery …$/m,
    signal: 'SIGINT',
    head: /^INCOMPLETE: interrupted after 1 subject\. Nothing was written to a file\.$/m,
    complete: /^ {2}Coordinated omission: \d+ of \d+ rows within$/m,
    missing: /Delivery: |CALIBRATED|UNPROVEN|DEVIATING/,
  },
  {
    args: ['faults', '--short'],
    during: /^distributions …$/m,
    signal: 'SIGTERM',
    head: /^INCOMPLETE: interrupted after 1 group\. /m,
    complete: /^### Faults of requests\n\n\| what \|.*\n.*\n\| /m,
    missing: /### Distributions|intervals \(/,
  },
  {
    args: ['capacity', '--short', '--queue', 'M/D/1', '--queue', 'shared'],
    during: /^shared in simulated time …$/m,
    signal: 'SIGINT',
    head: /^INCOMPLETE: interrupted after 1 queue\. /m,
    complete: /^\| M\/D\/1 \| .* 20 of Loadcell \| /m,
    missing: /^\| shared|All errors|Some errors/m,
  },
])(
  'an interrupt of `calibrate $args` prints what is complete, and writes to no file',
  async each => {
    const { args, during, signal, head, complete, missing } = each
    const folder = scratchFolder()
    const [page, json, html] = [join(folder, 'page.md'), join(folder, 'new.json'), join(folder, 'new.html')]
    writeFileSync(page, PAGE)
    const files = args[0] === 'harness' ? ['--json', json, '--html', html] : []
    const started = startLoadcell(['calibrate', ...args, '--write', page, ...files])
    await started.said(during)
    started.child.kill(signal)
    const { code, output } = await started.finished
    expect(output).toMatch(head)
    expect(output).toMatch(complete)
    expect(output).not.toMatch(missing)
    expect(code).toBe(105)
    expect(readFileSync(page, 'utf8')).toBe(PAGE)
    expect([json, html].map(file => existsSync(file))).toEqual([false, false])
  },
  600_000,
)
