import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Page } from 'playwright-core'
import { systemClock } from '../../../core/clock.ts'
import type { Camera, Shots } from './camera.ts'
import { LoadcellProcess, workFolder } from './loadcell-process.ts'
import { screenPage } from './terminal-screen.ts'

/** A run on this machine that is long enough for its charts. */
const RUN = ['--duration', '30s', '--quiet']
const TERMINAL = { columns: 100, rows: 26 }
/** Time into a run at which there is something to see. */
const MIDDLE_MS = 18_000
const CHARTS_MS = 40_000

/** Writes the report of a run, and returns its address. */
async function reportOf(scenario: string, ...flags: string[]): Promise<string> {
  const folder = workFolder()
  await LoadcellProcess.start(['run', scenario, '--out', 'run', ...flags], folder).end()
  return pathToFileURL(join(folder, 'run/report.html')).href
}

const chartOf = (name: string) => `figure:has([data-chart="${name}"])`

async function chartsDrawn(page: Page): Promise<void> {
  await page.locator('.plot canvas').first().waitFor()
}

async function live(page: Page): Promise<void> {
  await page.locator('.feed-status[data-state="live"]').waitFor()
}

async function report(camera: Camera): Promise<Shots> {
  return camera.both(await reportOf('mixed-streaming', '--quiet'), { width: 1300, height: 1600, prepare: chartsDrawn })
}

async function coordinatedOmission(camera: Camera): Promise<Shots> {
  const open = await reportOf('coordinated-omission', '--quiet')
  const closed = await reportOf('coordinated-omission-closed', '--quiet')
  const pages = [
    { title: 'Open model', address: open },
    { title: 'Closed model', address: closed },
  ]
  return camera.beside(pages, {
    width: 520,
    height: 900,
    async prepare(page) {
      await chartsDrawn(page)
      return [chartOf('spectrum')]
    },
  })
}

/** The knee of M/M/1, with a curve that is nearly straight, as learners draw it. */
async function lab(camera: Camera): Promise<Shots> {
  const command = LoadcellProcess.start(['lab', 'knee', '--ui', '--learner', 'Ada'], workFolder())
  try {
    const [address] = await command.said(/http:\S+/)
    const predictions = { quarter: '15', half: '25', threeQuarters: '35', nearlyFull: '50' }
    const action = { type: 'run', settings: {}, predictions }
    const headers = { 'content-type': 'application/json' }
    await fetch(address, { method: 'POST', headers, body: JSON.stringify(action) })
    await command.said(/Your worksheet/)
    return await camera.both(address, {
      width: 1100,
      height: 900,
      async prepare(page) {
        await live(page)
        await page.locator('.attempt .mark-measured').first().waitFor()
        return ['section:has(.attempt)', 'section:has(.choices)']
      },
    })
  } finally {
    await command.stop()
  }
}

async function terminal(camera: Camera): Promise<Shots> {
  const folder = workFolder()
  const command = LoadcellProcess.onTerminal(['run', 'mixed-streaming', '--duration', '30s'], folder, TERMINAL)
  await command.said(/requests/)
  await systemClock.sleep(MIDDLE_MS)
  const page = screenPage(command.output)
  await command.stop()
  return camera.both(`data:text/html;charset=utf-8,${encodeURIComponent(page)}`, {
    width: 1000,
    height: 700,
    prepare: async () => ['pre'],
  })
}

async function runPage(camera: Camera): Promise<Shots> {
  const command = LoadcellProcess.start(['run', 'mixed-streaming', '--ui', ...RUN], workFolder())
  try {
    const [address] = await command.said(/http:\S+/)
    await systemClock.sleep(MIDDLE_MS)
    return await camera.both(address, { width: 1300, height: 1500, prepare: live })
  } finally {
    await command.stop()
  }
}

async function targetPage(camera: Camera): Promise<Shots> {
  const folder = workFolder()
  const target = LoadcellProcess.start(['target', '--port', '0'], folder)
  try {
    const [url] = await target.said(/http:\/\/[\w.:]+/)
    const flags = ['--target', url, '--faults', 'slow_database', '--duration', '50s', '--quiet']
    const run = LoadcellProcess.start(['run', 'shop', ...flags], folder)
    const shots = await camera.both(`${url}/_loadcell/ui`, {
      width: 1300,
      height: 1500,
      async prepare(page) {
        await live(page)
        // The charts begin when the page is opened.
        await page.waitForTimeout(CHARTS_MS)
      },
    })
    await run.stop()
    return shots
  } finally {
    await target.stop()
  }
}

/** By the name of the picture, how it is taken. */
export const subjects: Readonly<Record<string, (camera: Camera) => Promise<Shots>>> = {
  report,
  'coordinated-omission': coordinatedOmission,
  lab,
  terminal,
  'run-page': runPage,
  'target-page': targetPage,
}
