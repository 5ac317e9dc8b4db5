import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { RunPage, type PagedRun } from '../../../../../cli/run/live/run-page.ts'
import { createPlan } from '../../../../../harness/plan/plan.ts'
import type { RunNow } from '../../../../../harness/results/run-now.ts'
import { passedRun } from '../../../harness/report/fixture.ts'

const never = new AbortController().signal

function paged(): PagedRun {
  const load = { executor: 'constant-vus', vus: 1, duration: '1s' } as const
  const plan = createPlan({ load, users: [{ name: 'u', iterate() {} }] }, 'shop', { seed: 1, tags: {} })
  const lost = () => undefined
  return { id: 'shop-1', plan, targetUrl: 'http://127.0.0.1:1', isEmbedded: false, workers: 1, version: '0.0.0', lost }
}

/** Opens a page, and keeps what a person is told. */
async function opened() {
  const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  let note = ''
  const page = await RunPage.open({ ui: true }, paged(), each => (note = each))
  onTestFinished(() => {
    page.close()
    told.mockRestore()
  })
  const [address = ''] = /http\S+/.exec(note)!
  return { page, told, origin: new URL(address).origin }
}

/** Interrupts that the test gives. */
function interrupts() {
  let handle: (signal: NodeJS.Signals) => void = () => {}
  return { takeOver: (given: typeof handle) => void (handle = given), press: () => handle('SIGINT') }
}

/** Tells whether a promise has not resolved yet. */
async function isPending(promise: Promise<void>): Promise<boolean> {
  return Promise.race([promise.then(() => false), new Promise<boolean>(resolve => setImmediate(() => resolve(true)))])
}

describe('the page of a run that is over', () => {
  it('stays open on a terminal until Ctrl-C, with the report and the verdict', async () => {
    const { page, told, origin } = await opened()
    const { takeOver, press } = interrupts()
    page.finish(passedRun(), { reportPath: import.meta.filename })
    const held = page.hold({ takeOver }, never, true)
    expect(await isPending(held)).toBe(true)
    expect(String(told.mock.calls)).toContain('until you press Ctrl-C')
    expect(await (await fetch(`${origin}/report`)).text()).toContain('the page of a run that is over')
    press()
    await held
  })

  it('ends at once where nobody looks and there is no terminal, and where the run was interrupted', async () => {
    const { page } = await opened()
    const { takeOver } = interrupts()
    await page.hold({ takeOver }, never, false)
    await page.hold({ takeOver }, AbortSignal.abort(), true)
    await RunPage.none.hold({ takeOver }, never, true)
  })
})

describe('the page of a run', () => {
  it('ends by a defect of its own, and not the run', async () => {
    const { page, told, origin } = await opened()
    page.onSecond!({} as RunNow)
    page.enter('reporting')
    expect(String(told.mock.calls)).toContain('the page of this run has ended because of a defect')
    await expect(fetch(origin)).rejects.toThrow('fetch failed')
  })

  it('costs a run nothing where nobody asks for it', async () => {
    const page = await RunPage.open({}, paged(), () => {})
    expect(page).toBe(RunPage.none)
    expect(page.onSecond).toBeUndefined()
  })
})
