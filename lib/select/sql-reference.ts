/** Generates docs/reference/sql.md from the lists that the checker uses. */
import { CASTS } from './casts.ts'
import type { AllowedFunction, AllowedFunctions } from './functions/allowed-function.ts'
import { AGGREGATES, SCALARS, WINDOWS } from './functions/index.ts'
import { OPERATORS, REFUSED } from './operators.ts'

const table = (heading: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heading, heading.map(() => '---'), ...rows].map(row => `| ${row.join(' | ')} |`).join('\n')

const cell = (text: string): string => text.replaceAll('|', '\\|')

function signature(name: string, text: string): string {
  const [parameters = '', result = ''] = text.split('->').map(part => part.trim())
  return `\`${name}(${parameters.replace('...', ', …')}) → ${result}\``
}

function noteOf({ note, literals = [], rounded = false }: AllowedFunction): string {
  return [
    ...(note === undefined ? [] : [note]),
    ...(literals.length === 0 ? [] : [`argument ${literals.map(i => i + 1).join(' and ')} is a literal`]),
    ...(rounded ? ['within `round(…)` only'] : []),
  ].join('; ')
}

const functions = (title: string, list: AllowedFunctions): string =>
  `### ${title}\n\n${table(
    ['function', 'note'],
    Object.entries(list).map(([name, allowed]) => [
      allowed.signatures.map(each => signature(name, each)).join('<br>'),
      cell(noteOf(allowed)),
    ]),
  )}`

const casts = (): string =>
  table(
    ['to', 'from', 'note'],
    Object.entries(CASTS).map(([to, { from, note }]) => [`\`${to}\``, from.join(', '), note]),
  )

/** The whole file. */
export const sqlReference = (): string => `# The SQL of definitions

You can write the SELECTs of a store so that they mean the same on your machine and in Athena: \`transformation\`, \`query\` of a stream's history, \`query\` of a spine, and \`--spine 'select …'\`.

\`\`\`sql
select origin as airport, date_trunc('day', time_hour) + interval '1' day as known_at,
       count(*) as departures, cast(count_if(dep_delay > 15) as double) / count(*) as late_share
from source where dep_delay is not null group by 1, 2
\`\`\`

The language is Athena's (Trino's), as far as both engines give equal values. \`quern check\` parses each SELECT and refuses what is not on the lists below, with what to write in its place. Types are checked as soon as they are known: when the source is read, and before any row is written.
On this machine the SELECT runs on DuckDB, with functions, operators and casts that behave as Athena's do. In Athena it runs as you wrote it.

This file is made of the lists that the checker uses (\`lib/select\`); a test holds that it is.

## What a SELECT may have

\`with\`, \`select [distinct]\`, \`from\` with \`join … on\`, \`join … using\` (inner, left, right, full, cross), subqueries (also \`lateral\`, \`exists\`, \`in\`), \`unnest(…) [with ordinality]\`, \`values\`, \`where\`, \`group by\` (also \`rollup\`, \`cube\`, \`grouping sets\`), \`having\`, \`window\`, \`union\`, \`intersect\`, \`except\`, \`order by … [nulls first]\`, \`offset\`, \`limit\`, \`fetch first\`.
Nulls are last in either order. A \`limit\` needs an \`order by\`. A SELECT of a definition reads the table \`source\`.

## Operators

${table(
  ['operator', 'note'],
  OPERATORS.map(([operator, note]) => [`\`${cell(operator)}\``, cell(note)]),
)}

## Literals and casts

\`1\` is an integer, \`1.5\` a decimal, \`1.5e0\` a double, \`'…'\` a varchar, \`date 'YYYY-MM-DD'\`, \`timestamp 'YYYY-MM-DD HH:MM:SS.fff'\`, \`interval '1' day\` (second, minute, hour, day, month, year), \`array[…]\`. A typed literal, \`bigint '1'\`, \`decimal '1.50'\`, \`boolean 'true'\`, is the cast of its text.

\`cast(x as type)\` fails where a value is none of the type; \`try_cast\` then gives null.

${casts()}

A timestamp has no zone and is UTC. A text with a zone (\`+02:00\`, \`EST\`, \`Z\`) is no timestamp in SQL: declare the column as \`timestamp\` in its source, and quern reads it.

## Functions

${Object.entries(SCALARS)
  .map(([title, list]) => functions(title, list))
  .join('\n\n')}

${functions('Aggregates', AGGREGATES)}

They also take \`distinct\`, \`filter (where …)\` and \`over (…)\`.

${functions('Windows', WINDOWS)}

With \`over ([partition by …] order by … [rows | range | groups …])\`.

### Regular expressions

Letters, \`[classes]\`, \`[^classes]\`, \`.\`, groups, \`(?:groups)\`, \`|\`, \`^\`, \`$\`, \`*\`, \`+\`, \`?\`, \`{n,m}\`, each also as \`*?\`, and \`\\\` before a sign. Classes by letter (\`\\d\`, \`\\w\`, \`\\s\`, \`\\b\`) are of Unicode in Athena and of ASCII in DuckDB: write \`[0-9]\`. A pattern matches at least one letter.

## What is refused

${table(
  ['what', 'write'],
  REFUSED.map(([what, write]) => [cell(what), cell(write)]),
)}

The \`local.query\` of a table source is not one of these: it stands for the table on your machine, is DuckDB's own SQL, and never runs in Athena.
`
