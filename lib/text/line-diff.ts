import { diffArrays } from 'diff'

/** The lines of both texts as one diff: `- ` marks removed lines, `+ ` added lines, two spaces unchanged lines. */
export const lineDiff = (was: readonly string[], is: readonly string[]): readonly string[] =>
  diffArrays([...was], [...is]).flatMap(({ value, added, removed }) =>
    value.map(line => `${added ? '+' : removed ? '-' : ' '} ${line}`),
  )
