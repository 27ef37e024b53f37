import { diffArrays } from 'diff'

/** Both texts' lines in one list: `- ` before what was, `+ ` before what is, two spaces before what stays. */
export const lineDiff = (was: readonly string[], is: readonly string[]): readonly string[] =>
  diffArrays([...was], [...is]).flatMap(({ value, added, removed }) =>
    value.map(line => `${added ? '+' : removed ? '-' : ' '} ${line}`),
  )
