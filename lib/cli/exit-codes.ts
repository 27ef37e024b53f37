/** Exit codes, in the words of `--help`. `explainError` returns them. */
const EXIT_CODES: Readonly<Record<number, string>> = {
  0: 'done',
  1: 'the definitions have diagnostics (all are listed), or differ from their lock',
  2: 'a wrong argument: an unknown view, service or option',
  3: 'data is missing or does not fit: a source, its rows, a spine',
  4: 'some views failed to materialize (they are named)',
  5: 'the store is not usable: a port or folder in use, a server that does not answer, other definitions deployed,\n     rows stored by another definition',
  6: 'a check found something: values that leak, a training set that cannot be built again',
  7: 'logged features differ from the point-in-time join',
  8: 'a file of the store is damaged or missing (quern repair)',
  9: 'the disk is full',
  10: 'a file or folder cannot be read or written',
  11: 'too many files are open',
  12: 'there is not enough memory (QUERN_MEMORY)',
  13: 'the disk cannot read or write',
  70: 'a fault of quern itself',
}

const lines = Object.entries(EXIT_CODES).map(([code, meaning]) => `  ${code.padEnd(2)} ${meaning}`)

/** The part of `--help` that lists exit codes. */
export const exitCodesHelp = `
Exit codes:
${lines.join('\n')}
quern plan: 0 no changes, 2 changes, 3 breaking changes (docs/changes.md)`
