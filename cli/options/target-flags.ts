import { InputError } from '../process/input-error.ts'

/** Options that name a running target, or configure the embedded one. */
export interface ChosenTarget {
  target?: string
  controlUrl?: string
  targetSet: Record<string, string>
}

/** @throws InputError when an option is not for the target that will be used. */
export function checkTargetFlags({ target, controlUrl, targetSet }: ChosenTarget): void {
  checkControlUrl(controlUrl, target, '--target')
  if (target !== undefined && Object.keys(targetSet).length > 0) {
    throw new InputError(
      '--target-set is for the embedded target, and --target names another',
      'Give its settings to that target when you start it: loadcell target --set key=value.',
    )
  }
}

/**
 * @param flag with which the URL of the target is given.
 * @throws InputError when only the URL of its control plane is given.
 */
export function checkControlUrl(
  controlUrl: string | undefined,
  url: string | undefined,
  flag: '--target' | '--url',
): void {
  if (controlUrl === undefined || url !== undefined) return
  throw new InputError(
    '--control-url is for a target that is already running',
    `Give the URL of that target with ${flag} as well.`,
  )
}
