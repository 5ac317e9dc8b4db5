#!/usr/bin/env node
// Older versions of Node must be able to parse this file and its imports, to print which version is needed. So it uses no
// syntax or built-in newer than Node 14, and loads the rest only once the version is right.
import module from 'node:module'
import { exitCodes } from '../harness/results/exit-codes.ts'
import { Interrupts } from './process/interrupts.ts'

const oldestNode = [24, 12]

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > oldestNode[0]! || (major === oldestNode[0] && minor >= oldestNode[1]!)
}

if (isNewEnough(process.versions.node)) {
  // Handled before everything else is loaded, so that an interrupt in the first second counts too.
  const interrupts = new Interrupts()
  // Keeps compiled modules in the folder for temporary files, which saves about half a second of every later start.
  module.enableCompileCache()
  void import('./program.ts').then(({ main }) => main(interrupts))
} else {
  process.stderr.write(
    `loadcell: Loadcell needs Node ${oldestNode.join('.')} or newer, and this is Node ${process.versions.node} (${process.execPath})\n` +
      '  Install a newer Node, for example with `nvm install 24`. Or run `npm install node@24` in this folder: `npx loadcell` then uses that one.\n',
  )
  process.exitCode = exitCodes.badInput
}
