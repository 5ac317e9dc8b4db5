import { kebabCase } from '../../../core/words.ts'

/**
 * Returns the settings with which an editor and `tsc` check the scenarios of a folder. Loadcell detects the module format from the syntax
 * of a file, so the settings do not depend on the `type` of a package.json either.
 */
export function tsconfig(): string {
  return `{
  "compilerOptions": {
    "target": "es2024",
    "module": "preserve",
    "types": [],
    "strict": true,
    "noUncheckedIndexedAccess": true,
    "erasableSyntaxOnly": true,
    "verbatimModuleSyntax": true,
    "allowImportingTsExtensions": true,
    "skipLibCheck": true,
    "noEmit": true
  },
  "include": ["*.ts"]
}
`
}

/** Returns a package.json with scripts, and with what they need. @param version of Loadcell */
export function manifest(folder: string, scripts: Readonly<Record<string, string>>, version: string): string {
  const content = {
    name: kebabCase(folder, 'load-tests'),
    private: true,
    type: 'module',
    scripts,
    devDependencies: { loadcell: `^${version}`, typescript: '>=5.8' },
  }
  return `${JSON.stringify(content, null, 2)}\n`
}
