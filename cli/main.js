#!/usr/bin/env node
// JavaScript, because for a first module in TypeScript, Node would load a compiler at every start: the cache of compiled modules
// is not on yet. Older versions of Node must be able to parse this file, to print which version is needed. So it uses no syntax or
// built-in newer than Node 14, and loads the rest only once the version is right.
// @ts-check
import module from 'node:module'

const oldest = { major: 24, minor: 12 }

/** @param {string} version */
function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > oldest.major || (major === oldest.major && minor >= oldest.minor)
}

async function start() {
  // Handled before everything else is loaded, so that an interrupt in the first second counts too.
  const { Interrupts } = await import('./process/interrupts.ts')
  const interrupts = new Interrupts()
  const { main } = await import('./program.ts')
  await main(interrupts)
}

if (isNewEnough(process.versions.node)) {
  // Keeps compiled modules in the folder for temporary files, which saves about half a second of every later start.
  module.enableCompileCache()
  void start()
} else {
  process.stderr.write(
    `loadcell: Loadcell needs Node ${oldest.major}.${oldest.minor} or newer, and this is Node ${process.versions.node} (${process.execPath})\n` +
      '  Install a newer Node, for example with `nvm install 24`. Or run `npm install node@24` in this folder: `npx loadcell` then uses that one.\n',
  )
  // The exit code of bad input, whose module such a version cannot load.
  process.exitCode = 104
}
