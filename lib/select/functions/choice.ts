import type { AllowedFunctions } from './allowed-function.ts'

export const CHOICE = {
  if: { signatures: ['boolean, T -> T', 'boolean, T, T -> T'] },
  coalesce: { signatures: ['T, T... -> T'] },
  nullif: { signatures: ['T, T -> T'] },
} as const satisfies AllowedFunctions
